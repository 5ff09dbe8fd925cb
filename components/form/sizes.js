/* Sizes of pictures, in pixels. */

/** 1 MP is 1024 × 1024 pixels, as in model_configs/kinds.py. */
export const MEGAPIXEL = 2 ** 20;

/** The nearest size that the model accepts, of about the same aspect ratio; the same as `Size.fit` in model_configs/kinds.py.
 *  @param {number} wide
 *  @param {number} high
 *  @param {{multiple: number, minimum: number, maximum: number, max_megapixels: number | null}} limits
 *  @returns {{width: number, height: number}} */
export function nearestSize(wide, high, { multiple, minimum, maximum, max_megapixels: megapixels }) {
  const most = megapixels === null ? Infinity : megapixels * MEGAPIXEL;
  const larger = Math.max(wide / maximum, high / maximum, Math.sqrt((wide * high) / most), 1);
  const [least, last] = [Math.ceil(minimum / multiple), Math.floor(maximum / multiple)];
  /** @param {number} side */
  const nearest = (side) => Math.max(least, Math.min(Math.floor(side / larger / multiple + 0.5), last)) * multiple;
  const size = { width: nearest(wide), height: nearest(high) };
  while (size.width * size.height > most && Math.max(size.width, size.height) > minimum) {
    size[size.width >= size.height ? "width" : "height"] -= multiple;
  }
  return size;
}
