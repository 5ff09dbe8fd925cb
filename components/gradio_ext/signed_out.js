/* Gradio tells nobody that a sign-in has ended: everything that is asked is refused, and nothing happens. */
import { intercept } from "../kit/requests.js";
import { say } from "../kit/say.js";

const WORDS = "You are signed out. Reload the page to come in again.";
let isSignedIn = true;

intercept(async (_address, _options, next) => {
  const answer = await next();
  if (answer.status === 401 && isSignedIn) say({ text: WORDS, tone: "bad" });
  isSignedIn = answer.status !== 401;
  return answer;
});
