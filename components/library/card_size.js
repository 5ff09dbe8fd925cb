/* The width of the gallery's cards, kept by the browser. */
import { keep, kept } from "../kit/kept.js";

const STORAGE_KEY = "studio-card-size";

/** The width in pixels; `usual` where none is kept.
 *  @param {number} usual */
export const cardSize = (usual) => Number(kept(STORAGE_KEY)) || usual;

/** @param {number} pixels */
export const keepCardSize = (pixels) => keep(STORAGE_KEY, String(pixels));
