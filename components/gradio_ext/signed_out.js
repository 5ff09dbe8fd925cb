/* Says that a session has expired: Gradio shows nothing when its requests are refused. */
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
