/* The entry point of the page's script, which bundle.py makes of all modules. Gradio's events cannot import modules: what they
   call by name, and what the JS components use, is in `window.studio` before Gradio's own script starts. */
import "./kit/polyfills.js"; // first, for all others rely on it
import "./gradio_ext/gradio_fixes.js";
import "./gradio_ext/number_boxes.js";
import "./gradio_ext/signed_out.js";
import { pick, selected } from "./form/choice.js";
import { nextClick } from "./form/clicks.js";
import * as count from "./form/count.js";
import { areKept } from "./form/drafts.js";
import "./form/dropping.js";
import { uploadToField } from "./form/files.js";
import { follow, followed } from "./form/following.js";
import { takeFiles } from "./form/from_file.js";
import { arrive, expect, stayedAway } from "./form/lazy_groups.js";
import { setLayout } from "./form/layout.js";
import { canUnload, loadedChanged, loadedOf, tellLoaded } from "./form/loaded_models.js";
import { changesOf } from "./form/marks.js";
import * as numbers from "./form/numbers.js";
import { askForPlan } from "./form/plan.js";
import { openPresets } from "./form/presets.js";
import { hear, hearWords, present } from "./form/reading.js";
import { show } from "./form/shown_fields.js";
import * as sizes from "./form/sizes.js";
import { spread } from "./form/spread.js";
import { undo, undoable } from "./form/undo.js";
import { submit } from "./form/generate.js";
import { helpOf, labelOf, legendOf } from "./form/help.js";
import { suggest } from "./form/suggestions.js";
import { reuse } from "./form/reuse.js";
import { ask, errorText } from "./form/transport.js";
import { queueSaid, tellQueue } from "./form/waiting.js";
import "./gradio_ext/reconnect.js"; // after the other interceptors: it repeats requests that they have passed on
import * as dom from "./kit/dom.js";
import * as format from "./kit/format.js";
import { icon } from "./kit/icons.js";
import { keep, kept } from "./kit/kept.js";
import { say, sayWith } from "./kit/say.js";
import "./kit/splitters.js";
import { onSwipe } from "./kit/swipes.js";
import * as parts from "./library/job_parts.js";
import { carries } from "./library/drag.js";
import { reuseClick, reuseDone, showBusy } from "./library/reuse_click.js";
import * as outputs from "./library/outputs.js";
import { queueList } from "./library/queue_list.js";
import { openReuseMenu, reuseMenuButton } from "./library/reuse_menu.js";
import { buildCard, showFavourite, updateCard } from "./library/card.js";
import { cardSize, keepCardSize } from "./library/card_size.js";
import { chosenJobs } from "./library/chosen_jobs.js";
import { choosing } from "./library/choosing.js";
import { jobList } from "./library/job_list.js";
import { confirmed } from "./library/confirm.js";
import { spanOf } from "./library/days.js";
import { dayName, openJumpMenu, openMonths } from "./library/jump_menu.js";
import * as rows from "./library/rows.js";
import { copyInputsAs, fillDetails } from "./library/job_details.js";
import { actionOf, KEYS } from "./library/keys.js";
import { labelling, labelsChanged, listLabels } from "./library/labels.js";
import { menuItem, openMenu } from "./library/menu.js";
import { askName } from "./library/name_dialog.js";
import { movesByDrag } from "./library/move_by_drag.js"; // after drag.js, which sets the data of a drag first
import { ratingBar, starsOfKey } from "./library/rating.js";
import { hearOf, jobsEnded, workGoesOn } from "./library/news.js";
import { moved, moving, progressOfOne, waitInWords } from "./library/moves.js";
import { askNow, beginToAsk } from "./library/tick.js";
import { inWorkspace } from "./library/workspace_here.js";
import * as selection from "./library/selection.js";
import { knowTargets, openSendMenu, sendButton } from "./library/send_on.js";
import { still, view } from "./library/viewer.js";

export const studio = {
  ...dom, ...format, ...numbers, ...sizes, ...parts, ...outputs, icon, keep, kept, say, sayWith, ask, errorText, suggest, uploadToField, helpOf, labelOf, legendOf,
  carries, nextClick, openReuseMenu, queueList, reuse, reuseClick, reuseDone, reuseMenuButton, showBusy,
  form: {
    setLayout, selected, expect, present, askForPlan, undo, follow, changesOf, takeFiles, openPresets, count, // for the JS components
    onUndoable: undoable.listen, onQueue: queueSaid.listen, tellQueue,
    canUnload, loadedOf, onLoaded: loadedChanged.listen, tellLoaded,
    arrive, stayedAway, pick, show, followed, hear, hearWords, spread, submit, // for Gradio's events
  },
  drafts: { areKept },
  askName, confirmed, inWorkspace, menuItem, openMenu, ratingBar, starsOfKey,
  buildCard, cardSize, choosing, chosenJobs, dayName, jobList, keepCardSize, movesByDrag, openJumpMenu, openMonths, rows, selection, showFavourite, spanOf, updateCard,
  askNow, beginToAsk, hearOf, jobsEnded, moved, moving, progressOfOne, waitInWords, workGoesOn,
  labelling, labelsChanged, listLabels,
  copyInputsAs, fillDetails, actionOf, KEYS, knowTargets, openSendMenu, sendButton, still, view, onSwipe, // of the stage
};
window.studio = /** @type {Window["studio"]} */ (studio); // components add the rest
window.studioHasBegun();
