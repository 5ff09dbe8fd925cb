/* The geometry of a picture that is zoomed and panned in its frame, in CSS pixels. A view is the position of the picture's
   upper left corner, and the size of one of its pixels. */

const MAX_DOTS = 32; // the size to which a pixel can be zoomed, in device pixels

/** @typedef {{ width: number, height: number }} Size
 *  @typedef {{ x: number, y: number }} Point
 *  @typedef {Point & { scale: number }} View */

/** The scale at which the whole picture fits.
 *  @param {Size} frame
 *  @param {Size} picture */
export const fitting = (frame, picture) => Math.min(frame.width / picture.width, frame.height / picture.height);

/** The view of the whole picture, as large as it fits.
 *  @param {Size} frame
 *  @param {Size} picture
 *  @returns {View} */
export const whole = (frame, picture) => settled({ x: 0, y: 0, scale: fitting(frame, picture) }, frame, picture);

/** The view at another scale, within the limits; what is at the point stays there, as far as the edges allow.
 *  @param {View} view
 *  @param {number} scale
 *  @param {Point} at
 *  @param {Size} frame
 *  @param {Size} picture
 *  @param {number} dot the size of a device pixel, the scale of 100 %
 *  @returns {View} */
export function zoomed(view, scale, at, frame, picture, dot) {
  const fit = fitting(frame, picture);
  const wanted = Math.min(Math.max(scale, Math.min(fit, dot)), Math.max(fit, MAX_DOTS * dot));
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

/** The view within its bounds: centred where the picture is smaller than its frame, else with no part of the frame empty.
 *  @param {View} view
 *  @param {Size} frame
 *  @param {Size} picture
 *  @returns {View} */
export function settled({ x, y, scale }, frame, picture) {
  /** @type {(place: number, room: number, length: number) => number} */
  const along = (start, room, length) => (length <= room ? (room - length) / 2 : Math.min(0, Math.max(room - length, start)));
  return { x: along(x, frame.width, picture.width * scale), y: along(y, frame.height, picture.height * scale), scale };
}
