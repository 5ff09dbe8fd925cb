/* Numbers and times as people read them. */
(() => {
  const studio = window.studio;
  const MINUTE = 60;
  const HOUR = 3600;
  const DAY = 86400;
  const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto", style: "short" });
  const STATUS = {
    queued: "Waiting",
    running: "Running",
    completed: "Done",
    failed: "Failed",
    cancelled: "Cancelled",
    damaged: "Damaged",
  };

  studio.statusWord = (status) => STATUS[status] ?? String(status);

  studio.ago = (date) => {
    const seconds = Math.max(0, (Date.now() - date.getTime()) / 1000);
    if (seconds < MINUTE) return "just now";
    if (seconds < HOUR) return relative.format(-Math.floor(seconds / MINUTE), "minute");
    if (seconds < DAY) return relative.format(-Math.floor(seconds / HOUR), "hour");
    if (seconds < 7 * DAY) return relative.format(-Math.floor(seconds / DAY), "day");
    return date.toLocaleDateString(undefined, { dateStyle: "medium" });
  };

  studio.seconds = (value) => {
    if (value < 10) return `${value.toFixed(1)} s`;
    const whole = Math.round(value);
    return whole < MINUTE ? `${whole} s` : `${Math.floor(whole / MINUTE)} min ${whole % MINUTE} s`;
  };

  studio.bytes = (value) => {
    const steps = ["bytes", "kB", "MB", "GB"];
    let step = 0;
    while (value >= 1000 && step < steps.length - 1) [value, step] = [value / 1000, step + 1];
    return `${step && value < 100 ? value.toFixed(1) : Math.round(value)} ${steps[step]}`;
  };

  /** Sets a <time> from an ISO date: short words, the full date as its title. */
  studio.setTime = (node, iso) => {
    const date = new Date(iso ?? NaN);
    if (Number.isNaN(date.getTime())) return studio.text(node, "an unknown time ago");
    node.dateTime = date.toISOString();
    node.title = date.toLocaleString(undefined, { dateStyle: "full", timeStyle: "medium" });
    studio.text(node, studio.ago(date));
  };

  setInterval(() => {
    for (const node of document.querySelectorAll("time.ago[datetime]")) studio.text(node, studio.ago(new Date(node.dateTime)));
  }, 30000);
})();
