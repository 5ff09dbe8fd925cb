/* The first script of all: it says which browser the page needs, where that is missing or a script fails as it begins. It is
   written in words that every browser reads. */
(function () {
  var NEEDED = ["selector(&)", "selector(:has(a))"]; // nesting in the stylesheet, and what it and the scripts look for
  var WORDS = "This page could not start. The studio needs Chrome or Edge 112, Firefox 121, Safari 16.5, or a newer one.";
  var STYLE = "position: fixed; inset: 0; z-index: 99999; box-sizing: border-box; margin: 0; padding: 20vh 10vw;" +
    "background: #f3f3f1; color: #1a1a19; font: 18px/1.5 sans-serif; text-align: center;";
  var isSaid = false;

  /** Covers the page, which would only look whole, with the words. */
  function say() {
    if (isSaid) return;
    if (!document.body) return document.addEventListener("DOMContentLoaded", say);
    isSaid = true;
    var words = document.createElement("p");
    words.setAttribute("role", "alert");
    words.setAttribute("style", STYLE);
    words.textContent = WORDS;
    document.body.appendChild(words);
  }

  /** An extension's scripts have addresses of their own.
   *  @param {string} address */
  function isOwn(address) {
    return String(address).indexOf(location.origin + "/") === 0;
  }

  /** @param {ErrorEvent} event */
  function hear(event) {
    if (isOwn(event.filename)) say();
  }

  for (var place = 0; place < NEEDED.length; place += 1) if (!CSS.supports(NEEDED[place])) say();
  addEventListener("error", hear);

  /** The page's script has run. */
  window.studioHasBegun = function () {
    removeEventListener("error", hear);
  };

  /** What a JS component calls whose script fails as it begins. */
  window.studioCannotStart = say;
})();
