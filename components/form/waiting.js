/* What the form says of the queue, beside Generate. */
import { signal } from "../kit/signal.js";

/** Tells what there is to say.
 *  @type {import("../kit/signal.js").Signal<[words: string]>} */
export const queueSaid = signal();

/** The stage shows this queue; `wait` says when all of it will be done.
 *  @param {{ queue: { status: string }[], more: number, wait: string }} stage */
export function tellQueue({ queue, more, wait }) {
  const waiting = queue.filter(({ status }) => status === "queued").length + more;
  queueSaid.tell(waiting > 0 ? [`${waiting} waiting`, wait].filter(Boolean).join(", ") : "");
}
