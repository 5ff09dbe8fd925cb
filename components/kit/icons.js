/* Icons as 24 × 24 stroke paths. They are decorative: the accessible name is that of the control around them. */
const SVG = "http://www.w3.org/2000/svg";
/** @type {Record<string, string[]>} */
const PATHS = {
  reuse: ["M5 4v5h5", "M5.4 9A8 8 0 1 1 4 13.5"],
  reset: ["M4.5 5v5h5", "M4.9 10A7.6 7.6 0 1 1 6.6 17.4", "M12 8.5v4l2.6 1.6"],
  heart: ["M12 20S4 15.2 4 9.6A4.4 4.4 0 0 1 12 7a4.4 4.4 0 0 1 8 2.6C20 15.2 12 20 12 20z"],
  trash: ["M4.5 7h15", "M9.5 7V4.5h5V7", "M6.5 7l.8 12.5h9.4L17.5 7", "M10.2 11v5", "M13.8 11v5"],
  putBack: ["M4.5 7h15", "M9.5 7V4.5h5V7", "M6.5 7l.8 12.5h9.4L17.5 7", "M12 16.5v-6", "M9.5 13l2.5-2.5 2.5 2.5"],
  download: ["M12 4v11", "M7.5 10.5L12 15l4.5-4.5", "M5 19.5h14"],
  plain: ["M6.5 3.5H14l4 4v13H6.5z", "M12.2 9.5v6.5", "M9.4 13.2l2.8 2.8 2.8-2.8"],
  folder: ["M3.5 6.5h6l2 2.5h9v10h-17z"],
  tag: ["M4 4.5h8l8 8-7.5 7.5-8.5-8.5z", "M8.2 8.4v.2"],
  close: ["M6 6l12 12", "M18 6L6 18"],
  copy: ["M9 9h10.5v10.5H9z", "M15 9V4.5H4.5V15H9"],
  newer: ["M14.5 5.5L8 12l6.5 6.5"],
  older: ["M9.5 5.5L16 12l-6.5 6.5"],
  pause: ["M8.5 5.5v13", "M15.5 5.5v13"],
  up: ["M7 14l5-5 5 5"],
  toTop: ["M6 5h12", "M12 19.5V9", "M7.5 13L12 8.5l4.5 4.5"],
  play: ["M8.5 5.5v13L19 12z"],
  image: ["M4 5h16v14H4z", "M4 16l4.5-4.5 4 4 3-3L20 17", "M15.5 9v.2"],
  video: ["M3.5 6h12v12h-12z", "M15.5 10.5l5-3v9l-5-3"],
  audio: ["M4 10.5v3", "M8 7.5v9", "M12 4.5v15", "M16 8.5v7", "M20 10.5v3"],
  failed: ["M12 4.5l8.5 15h-17z", "M12 10.5v4", "M12 16.9v.2"],
  cancelled: ["M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16z", "M6.5 6.5l11 11"],
  queued: ["M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16z", "M12 8v4.2l3 1.8"],
  more: ["M7 10l5 5 5-5"],
  bookmark: ["M7 4.5h10v15l-5-4-5 4z"],
  dots: ["M6 12v.1", "M12 12v.1", "M18 12v.1"],
  back: ["M9 6.5L5 10.5l4 4", "M5.5 10.5h8.2a4.8 4.8 0 0 1 0 9.6H9"],
  check: ["M5 12.5l4.5 4.5L19 7.5"],
  search: ["M11 4.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13z", "M15.7 15.7L20 20"],
  calendar: ["M4.5 6h15v13.5h-15z", "M4.5 10.5h15", "M8.5 3.8V7", "M15.5 3.8V7"],
  filter: ["M4 7h16", "M7 12h10", "M10 17h4"],
  swap: ["M4 8.5h15", "M15 4.5l4 4-4 4", "M20 15.5H5", "M9 11.5l-4 4 4 4"],
  shuffle: ["M4 7h3.5l9 10H20", "M4 17h3.5l2.6-2.9", "M13.9 9.9L16.5 7H20", "M17.5 4.5L20 7l-2.5 2.5", "M17.5 14.5L20 17l-2.5 2.5"],
  plus: ["M12 5.5v13", "M5.5 12h13"],
  minus: ["M5.5 12h13"],
  full: ["M9 4.5H4.5V9", "M15 4.5h4.5V9", "M9 19.5H4.5V15", "M15 19.5h4.5V15"],
  info: ["M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16z", "M12 11v5", "M12 8v.2"],
  keys: ["M3.5 7h17v10h-17z", "M7 10.5v.2", "M10.5 10.5v.2", "M14 10.5v.2", "M17 10.5v.2", "M8.5 14h7"],
  die: ["M6.5 4h11A2.5 2.5 0 0 1 20 6.5v11a2.5 2.5 0 0 1-2.5 2.5h-11A2.5 2.5 0 0 1 4 17.5v-11A2.5 2.5 0 0 1 6.5 4z", "M8.6 8.6v.1", "M15.4 8.6v.1", "M12 12v.1", "M8.6 15.4v.1", "M15.4 15.4v.1"],
  bell: ["M12 4a5.2 5.2 0 0 0-5.2 5.2v3.9L5 16.5h14l-1.8-3.4V9.2A5.2 5.2 0 0 0 12 4z", "M10 19.2a2.2 2.2 0 0 0 4 0"],
  lock: ["M6 11h12v8.5H6z", "M8.5 11V8a3.5 3.5 0 0 1 7 0v3"],
  spark: ["M12 3.5l1.9 6 6 1.9-6 1.9-1.9 6-1.9-6-6-1.9 6-1.9z"],
};

/** @param {string} name */
export const icon = (name) => {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", `glyph glyph-${name}`);
  for (const d of PATHS[name]) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
};
