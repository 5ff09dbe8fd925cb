/* The state of the queue in words, beside Generate. */
import { signal } from "../kit/signal.js";

/** Emitted with the state of the queue.
 *  @type {import("../kit/signal.js").Signal<[words: string]>} */
export const queueSaid = signal();

/** Takes the queue from the stage; `wait` says when all of it will be done.
 *  @param {{ queue: { status: string }[], more: number, wait: string }} stage */
export function tellQueue({ queue, more, wait }) {
  const waiting = queue.filter(({ status }) => status === "queued").length + more;
  queueSaid.emit(waiting > 0 ? [`${waiting} waiting`, wait].filter(Boolean).join(", ") : "");
}
