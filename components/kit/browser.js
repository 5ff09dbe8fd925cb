/* The first script of all: it says which browser the page needs, where a feature is missing or a script fails as it starts. It
   is written in ES5, which every browser runs. */
(function () {
  var NEEDED = ["selector(&)", "selector(:has(a))"]; // nesting in the stylesheet, and :has() there and in the scripts
  var WORDS = "This page could not start. The studio needs Chrome or Edge 112, Firefox 121, Safari 16.5, or a newer one.";
  var STYLE = "position: fixed; inset: 0; z-index: 99999; box-sizing: border-box; margin: 0; padding: 20vh 10vw;" +
    "background: #f3f3f1; color: #1a1a19; font: 18px/1.5 sans-serif; text-align: center;";
  var isSaid = false;

  /** Covers the page, which would only look as if it worked, with the message. */
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

  /** Whether a script is the page's own, not a browser extension's.
   *  @param {string} address */
  function isOwn(address) {
    return String(address).indexOf(location.origin + "/") === 0;
  }

  /** @param {ErrorEvent} event */
  function hear(event) {
    if (isOwn(event.filename)) say();
  }

  for (var index = 0; index < NEEDED.length; index += 1) if (!CSS.supports(NEEDED[index])) say();
  addEventListener("error", hear);

  /** The page's script has run. */
  window.studioHasBegun = function () {
    removeEventListener("error", hear);
  };

  /** Called by a JS component whose script fails as it starts. */
  window.studioCannotStart = say;
})();
