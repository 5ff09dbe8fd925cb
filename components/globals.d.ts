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

/** What the endpoints answer; of jobs the page is told more than programs are promised. */
interface Answers extends Omit<Api.Answers, "list_jobs" | "get_job"> {
  list_jobs: Omit<Api.JobList, "jobs"> & { jobs: Card[] };
  get_job: Details;
}

/** What the inputs of a form have, by their names. */
type Values = Record<string, unknown>;

/** The endpoints that answer so. */
type Answering<Answer> = { [Name in keyof Answers]: Answers[Name] extends Answer ? Name : never }[keyof Answers];

/** What of a job moves by itself: how far it is, the address of its live preview, and when it will be done, in words. */
interface Move {
  progress: number | null;
  progress_text: string | null;
  steps: string | null;
  left: string | null;
  making: string | null;
  turn?: string;
  first?: boolean;
  last?: boolean;
}

/** A job in short, as views.py tells the page of it. */
interface Card extends Omit<Api.JobCard, "outputs" | "result" | keyof Move>, Partial<Move> {
  preview: string | null;
  result: Output | null;
  outputs: Output[];
  resolved: string | null;
  has_resolved_texts: boolean;
  media: boolean;
}

/** A file that a job made; `about` is known in the details. */
interface Output extends Api.Result {
  about?: { width: number | null; height: number | null; duration: number | null; size: number | null } | null;
}

interface Details extends Card, Omit<Api.JobDetails, "inputs" | "sources" | "uses" | keyof Card> {
  inputs: (Api.Input & { hidden: boolean; resolved: string | null })[];
  sources: LinkedJob[];
  uses: LinkedJob[];
  ran?: Api.Fact[];
  wrong?: Api.Fact[];
}

type LinkedJob = Api.LinkedJob & { title: string };

/** Which jobs the gallery is to show; null and an empty search ask for nothing. */
interface Filters {
  search: string;
  model_id: string | null;
  type: string | null;
  status: string | null;
  rating: number | null;
  label: string | null;
  sort: string;
  favourite: boolean;
  trashed: boolean;
  everywhere: boolean;
  since: string | null;
  until: string | null;
}

interface Window {
  gradio_config: GradioConfig;
  /** What components/page.js builds. What the components that the browser draws add is there once they are. */
  studio: typeof import("./page.js").studio & {
    asked: number;
    awaitJobs?(): void;
    /** Nothing was found: a label that no job has any more is no filter. */
    checkLabel?(): void;
    clearFilters?(): void;
    findLabel?(label: string): Promise<void>;
    tellSearch?(sentences: string[]): void;
    /** What the filter bar asks for. */
    filters(): Filters;
    /** What the page's look at the gallery is told, the digests of what it shows included, and where its event go_to goes;
        the workspace that shows, one that is about to be deleted from here, and how the choice and the gallery are drawn again. */
    gallery?: { labels: ReturnType<typeof import("./library/labels.js").labelling>; near(): object | null; look(): object | null; isBehind(digest: string): boolean; digests(told: string[]): string[]; workspace(): string | null; here(): string | null; goTo(workspace: string | null): void; deletes(workspace: string): void; listWorkspaces(): void; drawAgain(): void };
    tellOfWorkspace?(told: { id: string; name: string; refused?: string }): void;
    /** Says a sentence beside the workspaces, until it is dismissed or a job ends. */
    sayInHeader?(words: string): void;
  };
  studioHasBegun(): void;
  studioCannotStart(): void;
}

/** What the page listens to are events of its elements. */
interface EventTarget {
  closest?<Found extends Element = HTMLElement>(selectors: string): Found | null;
  matches?(selectors: string): boolean;
}

/** All elements of the page are HTML, but for its icons. */
interface Element extends HTMLOrSVGElement, ElementCSSInlineStyle {
  closest<Found extends Element = HTMLElement>(selectors: string): Found | null;
}

interface ParentNode {
  querySelector<Tag extends keyof HTMLElementTagNameMap>(selectors: Tag): HTMLElementTagNameMap[Tag] | null;
  querySelector<Found extends Element = HTMLElement>(selectors: string): Found | null;
  querySelectorAll<Tag extends keyof HTMLElementTagNameMap>(selectors: Tag): NodeListOf<HTMLElementTagNameMap[Tag]>;
  querySelectorAll<Found extends Element = HTMLElement>(selectors: string): NodeListOf<Found>;
}
