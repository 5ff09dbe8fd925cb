/* Icons as 24 × 24 stroke paths. They are decoration: the name stands on the control that holds them. */
(() => {
  const SVG = "http://www.w3.org/2000/svg";
  const PATHS = {
    reuse: ["M5 4v5h5", "M5.4 9A8 8 0 1 1 4 13.5"],
    reset: ["M4.5 5v5h5", "M4.9 10A7.6 7.6 0 1 1 6.6 17.4", "M12 8.5v4l2.6 1.6"],
    heart: ["M12 20S4 15.2 4 9.6A4.4 4.4 0 0 1 12 7a4.4 4.4 0 0 1 8 2.6C20 15.2 12 20 12 20z"],
    trash: ["M4.5 7h15", "M9.5 7V4.5h5V7", "M6.5 7l.8 12.5h9.4L17.5 7", "M10.2 11v5", "M13.8 11v5"],
    putBack: ["M4.5 7h15", "M9.5 7V4.5h5V7", "M6.5 7l.8 12.5h9.4L17.5 7", "M12 16.5v-6", "M9.5 13l2.5-2.5 2.5 2.5"],
    download: ["M12 4v11", "M7.5 10.5L12 15l4.5-4.5", "M5 19.5h14"],
    close: ["M6 6l12 12", "M18 6L6 18"],
    copy: ["M9 9h10.5v10.5H9z", "M15 9V4.5H4.5V15H9"],
    newer: ["M14.5 5.5L8 12l6.5 6.5"],
    older: ["M9.5 5.5L16 12l-6.5 6.5"],
    play: ["M8.5 5.5v13L19 12z"],
    image: ["M4 5h16v14H4z", "M4 16l4.5-4.5 4 4 3-3L20 17", "M15.5 9v.2"],
    video: ["M3.5 6h12v12h-12z", "M15.5 10.5l5-3v9l-5-3"],
    audio: ["M4 10.5v3", "M8 7.5v9", "M12 4.5v15", "M16 8.5v7", "M20 10.5v3"],
    failed: ["M12 4.5l8.5 15h-17z", "M12 10.5v4", "M12 16.9v.2"],
    cancelled: ["M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16z", "M6.5 6.5l11 11"],
    queued: ["M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16z", "M12 8v4.2l3 1.8"],
    more: ["M7 10l5 5 5-5"],
    check: ["M5 12.5l4.5 4.5L19 7.5"],
    search: ["M11 4.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13z", "M15.7 15.7L20 20"],
    filter: ["M4 7h16", "M7 12h10", "M10 17h4"],
    shuffle: ["M4 7h3.5l9 10H20", "M4 17h3.5l2.6-2.9", "M13.9 9.9L16.5 7H20", "M17.5 4.5L20 7l-2.5 2.5", "M17.5 14.5L20 17l-2.5 2.5"],
    spark: ["M12 3.5l1.9 6 6 1.9-6 1.9-1.9 6-1.9-6-6-1.9 6-1.9z"],
  };

  window.studio.icon = (name) => {
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
})();
