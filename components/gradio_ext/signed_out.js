/* Says that a session has expired: Gradio shows nothing when its requests are refused. */
import { signedOut } from "../form/transport.js";
import { intercept } from "../kit/requests.js";
import { say } from "../kit/say.js";

let isSignedIn = true;

intercept(async (_address, _options, next) => {
  const answer = await next(), isRefused = answer.status === 401;
  if (isRefused && isSignedIn) say({ text: signedOut(), tone: "bad" });
  if (!isSignedIn && (answer.ok || answer.status === 304)) say({ text: "You are signed in again.", tone: "good" });
  isSignedIn = !isRefused;
  return answer;
});
