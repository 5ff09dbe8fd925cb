/* The studio's root path on its host. */

/** The prefix of all paths of the studio, empty where it has the host for itself.
 *  @returns {string} */
export const rootPath = () => new URL(window.gradio_config.root).pathname.replace(/\/$/, "");
