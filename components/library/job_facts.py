"""What a backend told of a job, in words: its steps and the time that is left, what it ran with, why it failed."""

from collections.abc import Iterator, Mapping
from typing import Any

from storage.jobs.store import Job
from storage.tables import JobStatus
from studio.jobs.outlook import Outlook

_SLOWEST, _FASTEST = 1e-6, 1e6  # iterations a second: beyond these a pace means nothing to a reader
_SOON = 5  # seconds: nobody wants to read of less
_NAMES = {"cost": "Cost", "spent_seconds": "Computing time", "backend_job_id": "Remote job", "endpoint_id": "Endpoint"}


def steps(job: Job) -> str:
    """Step 5 of 20 · 2.5 it/s · 6 s left; as much of it as is known of a job that runs."""
    if job.status != JobStatus.RUNNING or job.progress_step is None:
        return ""
    counted = f"Step {job.progress_step} of {job.progress_of}" if job.progress_of else f"Step {job.progress_step}"
    return " · ".join(filter(None, (counted, _pace(job.progress_rate), left(job))))


def left(job: Job) -> str:
    """6 s left; nothing when it is not known."""
    step, of, rate = job.progress_step, job.progress_of, job.progress_rate
    if job.status != JobStatus.RUNNING or step is None or not of or not rate or rate < 0 or step > of:
        return ""
    return f"{_duration((of - step) / rate)} left"


def turn(job: Job, outlook: Outlook) -> str:
    """3rd, about 40 s; of a job that runs and says nothing of its steps: about 40 s left."""
    seconds = outlook.seconds.get(job.id)
    about = f"about {_roughly(seconds)}" if seconds is not None else ""
    if job.status == JobStatus.RUNNING:
        return f"{about} left" if seconds and seconds > _SOON and not left(job) else ""
    if job.status != JobStatus.QUEUED:
        return ""
    place = outlook.places.get(job.id)
    if place is None:
        return "Paused" if outlook.paused else ""
    return ", ".join(filter(None, ("Next" if place == 1 else _ordinal(place), about)))


def wait(outlook: Outlook) -> str:
    """When all that waits will be done: about 40 s; empty where nothing waits or that is not known."""
    if outlook.paused:
        return "paused"
    seconds = [outlook.seconds.get(job_id) for job_id in outlook.places]
    known = [one for one in seconds if one is not None]
    return f"about {_roughly(max(known))}" if known and len(known) == len(seconds) else ""


def ran(job: Job) -> list[tuple[str, str]]:
    """What a job ran with and cost, by name, and what the model gave besides its files."""
    rows = [(name, str(value)) for name, value in (job.ran_with or {}).items()]
    if job.spent_seconds is not None:
        rows.append((_NAMES["spent_seconds"], _duration(job.spent_seconds)))
    if job.cost is not None:
        rows.append(
            (_NAMES["cost"], f"${job.cost:.4f}".rstrip("0").rstrip(".") if job.cost < 1 else f"${job.cost:.2f}")
        )
    rows += [(_NAMES[name], value) for name in ("backend_job_id", "endpoint_id") if (value := getattr(job, name))]
    return [*rows, *((name, str(value)) for name, value in (job.texts or {}).items())]


def wrong_fields(job: Job, labels: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """A sentence for each input that a failure names, under what the form calls it."""
    for name, sentence in (job.error_fields or {}).items():
        yield {"label": labels.get(name, name), "text": str(sentence)}


def _ordinal(number: int) -> str:
    suffix = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{suffix}"


def _roughly(seconds: float) -> str:
    """Rounded, so that it holds for a while: the page draws what changes."""
    step = next(step for least, step in ((3600, 600), (600, 60), (60, 30), (0, 10)) if seconds >= least)
    return _duration(max(step, round(seconds / step) * step))


def _pace(rate: float | None) -> str:
    """Iterations a second, or seconds an iteration where that is more."""
    if not rate or not _SLOWEST < rate < _FASTEST:
        return ""
    return f"{rate:.1f} it/s" if rate >= 1 else f"{1 / rate:.1f} s/it"


def _duration(seconds: float) -> str:
    whole = max(0, round(min(seconds, 1e9)))
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if minutes < 10 and rest else f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"
