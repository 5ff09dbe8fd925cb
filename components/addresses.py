"""Where the page finds files, below the root path: what draws them and the routes that serve them agree here."""

import re
from urllib.parse import quote

from storage.jobs.store import Job

MEDIA = "/studio/media"
PREVIEW = "/studio/preview"
CHOICE = "/studio/choice"
RESULTS = "/studio/results"
JOB = "/studio/job"
LIVE = "/studio/live"
SCRIPTS = "/studio/scripts"
_LONGEST_BEGIN = 60


def media_url(key: str) -> str:
    """Where the page finds a stored media object."""
    return f"{MEDIA}/{quote(key)}"


def preview_url(job_id: str) -> str:
    """Where the page finds the live preview of a job."""
    return f"{PREVIEW}/{quote(job_id)}"


def output_name(job: Job, place: int, title: str = "") -> str:
    """What a download of one of a job's outputs is called: without a prompt by its title, else by its model."""
    words = "" if (job.prompt or "").strip() else re.sub(r"\W+", "-", title).strip("-_").lower()
    which = f"-{place + 1}" if place else ""
    begin = words[:_LONGEST_BEGIN] or job.model_id
    return f"{begin}-{job.id[:8]}{which}.{job.outputs[place].key.rpartition('.')[2]}"


def choice_url(model_id: str, name: str, choice: str) -> str:
    """Where the page finds the picture of a choice."""
    return f"{CHOICE}/{quote(model_id)}/{quote(name)}?of={quote(choice, safe='')}"
