/* What Gradio's page was told of its server. */

/** Where the studio stands, as the user's browser asks for it.
 *  @returns {string} */
export const studioAddress = () => window.gradio_config.root;

/** The path before all paths of the studio's own, empty where it has the host for itself.
 *  @returns {string} */
export const rootPath = () => new URL(studioAddress()).pathname.replace(/\/$/, "");

/** Where the studio's server answers a path of Gradio's.
 *  @param {string} path */
export const addressOf = (path) => `${rootPath()}${window.gradio_config.api_prefix}${path}`;

/** Whether a file goes up to this address.
 *  @param {string} address */
export const isUpload = (address) => /\/gradio_api\/upload(\?|$)/.test(address);

/** Bytes that an upload may have. */
export const largestUpload = () => window.gradio_config.max_file_size ?? Infinity;

/** The name of the user who is signed in; none without a login.
 *  @returns {string | null | undefined} */
export const userName = () => window.gradio_config?.username;
