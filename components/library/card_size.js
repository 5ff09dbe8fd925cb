/* How wide the gallery's cards are: as this browser was told last. */
import { keep, kept } from "../kit/kept.js";

const KEY = "studio-card-size";

/** In pixels; `usual` where nothing is kept.
 *  @param {number} usual */
export const cardSize = (usual) => Number(kept(KEY)) || usual;

/** @param {number} pixels */
export const keepCardSize = (pixels) => keep(KEY, String(pixels));
