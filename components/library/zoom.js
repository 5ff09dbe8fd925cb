/* Where a picture lies in its frame as it is zoomed and moved: geometry alone, in pixels of the page. A view is the place of
   the picture's upper left corner, and how large one pixel of it is. */

const CLOSEST = 32; // dots of the screen, along each side of a pixel

/** @typedef {{ width: number, height: number }} Size
 *  @typedef {{ x: number, y: number }} Point
 *  @typedef {Point & { scale: number }} View */

/** How large a pixel is where all of the picture fits.
 *  @param {Size} frame
 *  @param {Size} picture */
export const fitting = (frame, picture) => Math.min(frame.width / picture.width, frame.height / picture.height);

/** All of the picture, as large as it fits.
 *  @param {Size} frame
 *  @param {Size} picture
 *  @returns {View} */
export const whole = (frame, picture) => settled({ x: 0, y: 0, scale: fitting(frame, picture) }, frame, picture);

/** The view at another scale, within its limits; what lies at the point stays there, as far as the edges let it.
 *  @param {View} view
 *  @param {number} scale
 *  @param {Point} at
 *  @param {Size} frame
 *  @param {Size} picture
 *  @param {number} dot The size of a dot of the screen; pixels of this size are 100 %.
 *  @returns {View} */
export function zoomed(view, scale, at, frame, picture, dot) {
  const fit = fitting(frame, picture);
  const wanted = Math.min(Math.max(scale, Math.min(fit, dot)), Math.max(fit, CLOSEST * dot));
  const by = wanted / view.scale;
  return settled({ x: at.x - (at.x - view.x) * by, y: at.y - (at.y - view.y) * by, scale: wanted }, frame, picture);
}

/** @param {View} view
 *  @param {Size} frame
 *  @param {Size} picture
 *  @returns {View}
 *  @param {number} right
 *  @param {number} down */
export const moved = (view, right, down, frame, picture) => settled({ ...view, x: view.x + right, y: view.y + down }, frame, picture);

/** Centred where the picture is smaller than its frame; elsewhere it leaves no part of the frame empty.
 *  @param {View} view
 *  @param {Size} frame
 *  @param {Size} picture
 *  @returns {View} */
export function settled({ x, y, scale }, frame, picture) {
  /** @type {(place: number, room: number, length: number) => number} */
  const along = (place, room, length) => (length <= room ? (room - length) / 2 : Math.min(0, Math.max(room - length, place)));
  return { x: along(x, frame.width, picture.width * scale), y: along(y, frame.height, picture.height * scale), scale };
}
