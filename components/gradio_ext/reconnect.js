/* A server or a network that is away for a while: Gradio's page would stop, and load itself anew when it is back, without
   what was typed meanwhile. Here it goes on, and what it asks waits. */
(() => {
  const studio = window.studio;
  const AGAIN = 1000; // ms until the next look whether the server is back
  const AWAY = [502, 503, 504]; // what a proxy says of a server that is away
  const HARMLESS = ["tick", "load", "bring", "recall"]; // events that change nothing
  const unwatched = window.fetch;
  let back = null; // a promise while the server is away

  /** What Gradio asks of an event's handler; what this page asks itself has a limit of time. */
  const isEvent = (address, options) => /\/gradio_api\/(run|queue\/join)/.test(String(address?.url ?? address)) && !options?.signal;

  /** Whether the question does no harm when it is asked twice. */
  function isHarmless({ body }) {
    const asked = typeof body === "string" ? JSON.parse(body).fn_index : null;
    const event = window.gradio_config.dependencies.find(({ id }) => id === asked);
    return event?.targets.some(([, name]) => HARMLESS.includes(name)) ?? false;
  }

  window.fetch = async (address, options) => {
    if (!isEvent(address, options)) return unwatched(address, options);
    await back;
    if (!isHarmless(options)) return unwatched(address, options);
    const answer = await unwatched(address, options).catch(() => null);
    if (!isAway(answer)) return answer;
    back ??= untilBack();
    return (await back) ? window.fetch(address, options) : unwatched(address, options);
  };

  const isAway = (answer) => !answer || AWAY.includes(answer.status);

  /** Where the studio's server answers a path of Gradio's. */
  studio.addressOf = (path) => {
    const { root, api_prefix } = window.gradio_config;
    return `${new URL(root).pathname.replace(/\/$/, "")}${api_prefix}${path}`;
  };

  const look = () => unwatched(studio.addressOf("/app_id")).catch(() => null);

  /** Whether the server was away. */
  async function untilBack() {
    let answer = await look();
    const wasAway = isAway(answer);
    if (wasAway) studio.say({ text: "The studio does not answer. What you type is kept as soon as it does.", tone: "warn" });
    while (isAway(answer)) {
      await new Promise((resolve) => setTimeout(resolve, AGAIN));
      answer = await look();
    }
    if (answer.ok && (await answer.json()).app_id !== window.gradio_config.app_id) { // started anew, perhaps with other models
      await studio.drafts.leave();
      location.reload();
      await new Promise(() => {});
    }
    back = null;
    if (wasAway) studio.say({ text: "The studio answers again.", tone: "good" });
    return wasAway;
  }
})();
