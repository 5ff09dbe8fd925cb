"""Where the page finds files, below the root path: what draws them and the routes that serve them agree here."""

from urllib.parse import quote

MEDIA = "/studio/media"
PREVIEW = "/studio/preview"


def media_url(key: str) -> str:
    """Where the page finds a stored media object."""
    return f"{MEDIA}/{quote(key)}"


def preview_url(job_id: str) -> str:
    """Where the page finds the picture in the making of a job."""
    return f"{PREVIEW}/{quote(job_id)}"
