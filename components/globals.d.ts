/* What the scripts find in the page, for the checker of types: no browser reads this. */

/** What Gradio's page knows of itself; only what the scripts use. */
interface GradioConfig {
  root: string;
  api_prefix: string;
  app_id: number;
  /** The id of the user whose page it is. */
  username?: string | null;
  /** Bytes that an upload may have. */
  max_file_size: number | null;
  dependencies: { id: number; targets: [component: number, event: string][] }[];
}

interface Window {
  gradio_config: GradioConfig;
  /** What components/page.js builds. What the components that the browser draws add is there once they are. */
  studio: typeof import("./page.js").studio & {
    asked?: number;
    awaitJobs?(): void;
    /** Nothing was found: a label that no job has any more is no filter. */
    checkLabel?(): void;
    clearFilters?(): void;
    findLabel?(label: string): Promise<void>;
    tellSearch?(sentences: string[]): void;
    /** What the filter bar asks for. */
    filters?(): Record<string, any>;
    /** What the page's look at the gallery is told, the digests of what it shows included, and where its event go_to goes;
        the workspace that shows, one that is about to be deleted from here, and how the choice and the gallery are drawn again. */
    gallery?: { labels: ReturnType<typeof import("./library/labels.js").labelling>; near(): object | null; look(): object | null; isBehind(digest: string): boolean; digests(told: string): string; workspace(): string | null; here(): string | null; goTo(workspace: string | null): void; deletes(workspace: string): void; listWorkspaces(): void; drawAgain(): void };
    tellOfWorkspace?(told: { id: string; name: string; refused?: string }): void;
    /** Says a sentence beside the workspaces, until it is dismissed. */
    sayInHeader?(words: string): void;
  };
  studioHasBegun(): void;
  studioCannotStart(): void;
}

/** What the page listens to are events of its elements. */
interface EventTarget {
  closest?(selectors: string): HTMLElement | null;
  matches?(selectors: string): boolean;
}

/** All elements of the page are HTML, but for its icons. */
interface ParentNode {
  querySelector(selectors: string): HTMLElement | null;
  querySelectorAll(selectors: string): NodeListOf<HTMLElement>;
}
