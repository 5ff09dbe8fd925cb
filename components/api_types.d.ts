/* What the endpoints answer. Written by scripts/api_types.py from api_types.py and endpoints.py. */

declare namespace Api {
  interface File {
    file: string;
    name: string;
    url: string;
    size: number;
    mime_type: string;
  }

  interface Line {
    name: string;
    label: string;
    outcome: string;
    detail: string;
  }

  interface Notice {
    text: string;
    tone: "good" | "warn";
    what: "job" | "preset" | "file";
    lines: Line[];
    kept: string[];
    left: string[];
  }

  interface FormSource {
    job_id: string;
    kind: "reuse" | "input" | "sweep" | "retry" | "import";
    parameter: string;
  }

  interface FormPlan {
    model_id: string;
    type: "image" | "video" | "audio";
    visible: Record<string, boolean>;
    values: Record<string, unknown>;
    sources: FormSource[];
    title: string;
  }

  interface Filling {
    plan: FormPlan | null;
    notice: Notice;
  }

  interface ReuseTarget {
    model_id: string;
    name: string;
    inputs: number;
    of: number;
  }

  interface Shown {
    kind: string;
    text: string;
    url: string | null;
    urls: string[];
  }

  interface Difference {
    name: string;
    label: string;
    differs: boolean;
    parents: string[];
    why_not: string;
    now: Shown;
    then: Shown;
  }

  interface Comparison {
    model_id: string;
    model_name: string;
    rows: Difference[];
  }

  interface Fact {
    label: string;
    text: string;
  }

  interface FileSays {
    tool: string;
    prompt: string | null;
    model: string | null;
    facts: Fact[];
    rest: Fact[];
  }

  interface FileInput {
    parameter: string;
    label: string;
  }

  interface ReadFile {
    file: File | null;
    kind: "image" | "video" | "audio" | null;
    refusal: string;
    says: FileSays | null;
    model_id: string;
    words: string;
    inputs: FileInput[];
    elsewhere: string[];
  }

  interface Submitted {
    job_id: string | null;
    seed: number | string | null;
    problems: Record<string, string>;
  }

  interface Recalled {
    user_id: string;
    drafts: FormPlan[];
    model_id: string | null;
    waiting: string[];
    seed: "exact" | "new";
    notice: Notice | null;
    is_early: boolean;
  }

  interface KeptDraft {
    refused: Record<string, string>;
    fault: string;
  }

  interface ListedChoice {
    value: string;
    label: string;
    picture: string | null;
  }

  interface Listed {
    choices: ListedChoice[];
    hint: string;
  }

  interface Preset {
    id: string;
    name: string;
    workspace_id: string | null;
    model_id: string;
    model_name: string;
    saved_at: string;
  }

  interface OverwrittenPreset extends Preset {
    before: string;
  }

  interface Label {
    name: string;
    jobs: number;
  }

  interface Workspace {
    id: string;
    name: string;
  }

  interface Result {
    place: number;
    url: string;
    preview: string;
    kind: "image" | "video" | "audio";
    name: string;
    seed: number | null;
  }

  interface JobCard {
    id: string;
    workspace_id: string | null;
    status: string;
    type: string | null;
    model_id: string | null;
    model_name: string;
    title: string;
    prompt: string | null;
    seed: number | string | null;
    created_at: string | null;
    deleted: boolean;
    favourite: boolean;
    rating: number | null;
    labels: string[];
    progress: number | null;
    progress_text: string | null;
    result: Result | null;
    outputs: Result[];
    error: string | null;
  }

  interface JobList {
    jobs: JobCard[];
    next: string | null;
    previous: string | null;
    total: number;
    exact: boolean;
    notes: string[];
  }

  interface Input {
    name: string;
    label: string;
    kind: string;
    text: string;
    url: string | null;
    urls: string[];
  }

  interface LinkedJob {
    id: string;
    status: string;
    type: string | null;
    model_name: string;
    prompt: string | null;
    preview: string | null;
    deleted: boolean;
    how: string[];
  }

  interface JobDetails extends JobCard {
    inputs: Input[];
    finished_at: string | null;
    deleted_at: string | null;
    duration_s: number | null;
    log: string | null;
    sources: LinkedJob[];
    source_count: number;
    uses: LinkedJob[];
    use_count: number;
  }

  interface Brought {
    is_archive: boolean;
    files: number;
  }

  interface LeftOut {
    name: string;
    text: string;
  }

  interface ImportedFiles {
    done: number;
    of: number;
    jobs: number;
    there: number;
    silent: number;
    refused: LeftOut[];
    job_ids: string[];
  }

  interface Answers {
    list_jobs: JobList;
    get_job: JobDetails;
    cancel_job: null;
    cancel_jobs: null;
    move_job: null;
    pause_jobs: null;
    run_job_again: Submitted;
    delete_job: null;
    delete_job_forever: null;
    empty_bin: number;
    undelete_job: null;
    set_favourite: null;
    rate_job: null;
    write_job: string;
    set_favourites: string[];
    label_jobs: string[];
    list_labels: Label[];
    rename_label: string[];
    delete_label: string[];
    delete_jobs: string[];
    undelete_jobs: string[];
    move_jobs: Record<string, string | null>;
    submit_job: Submitted;
    unload_model: null;
    reuse_job: Filling;
    list_targets: ReuseTarget[];
    compare_job: Comparison;
    send_on: Filling;
    read_file: ReadFile;
    reuse_file: Filling;
    compare_file: Comparison;
    use_file: Filling;
    look_into: Brought;
    import_file: ImportedFiles;
    reset_form: Filling;
    list_choices: Listed;
    recall_drafts: Recalled;
    keep_draft: KeptDraft;
    set_seed_mode: null;
    list_presets: Preset[];
    save_preset: Preset;
    overwrite_preset: OverwrittenPreset;
    rename_preset: Preset;
    delete_preset: Preset;
    undelete_preset: Preset;
    reuse_preset: Filling;
    compare_preset: Comparison;
    list_workspaces: Workspace[];
    create_workspace: Workspace;
    rename_workspace: Workspace;
    delete_workspace: Workspace;
    undelete_workspace: Workspace;
  }
}
