/* What the script of a component finds that the browser draws: Gradio gives it. */

declare const element: HTMLElement;
declare const props: Record<string, any>;
/** Starts the component's event of this name. */
declare function trigger(event: string, data?: object): void;
/** Takes a file up to the server; `path` is missing when the studio wants it no more. */
declare function upload(file: File): Promise<{ path?: string; url?: string } | undefined>;
/** Calls `changed` after the prop has been changed by the server. */
declare function watch(prop: string, changed: () => void): void;

/* What stands before the text of form/form_events.js. */
declare const layout: import("./form/layout.js").Layout;
