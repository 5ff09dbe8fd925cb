/* Where the studio stands on its host. */

/** The path before all paths of the studio's own, empty where it has the host for itself.
 *  @returns {string} */
export const rootPath = () => new URL(window.gradio_config.root).pathname.replace(/\/$/, "");
