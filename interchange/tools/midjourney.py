"""Midjourney: a description of prompt, options such as `--ar 3:2 --v 6.1`, and the id of the job."""

import re

from interchange.fields import Fields, Params
from interchange.metadata import Metadata

_JOB = re.compile(r"\s*\bJob ID: ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\s*\Z", re.IGNORECASE)
_OPTION = re.compile(r"(?:^|\s)--([a-z]{1,20})\b[ \t]*", re.IGNORECASE)
_KEYS = ("description", "exif.imagedescription", "xmp.description")
_MAX_LENGTH = 20_000


def read(metadata: Metadata) -> Fields | None:
    """The fields of a description that ends in a job's id; steps, guidance and size it never says."""
    for key in _KEYS:
        described = metadata.text(key)[-_MAX_LENGTH:]
        if job := _JOB.search(described[-200:]):
            return _fields(_JOB.sub("", described), job[1])
    return None


def _fields(typed: str, job: str) -> Fields:
    prompt, *options = _OPTION.split(typed)
    params = Params({name.lower(): value.strip() for name, value in zip(options[::2], options[1::2], strict=True)})
    version, anime = params.take("v", "version"), params.take("niji")
    return Fields.of(
        "Midjourney",
        prompt=prompt,
        negative_prompt=params.take("no"),
        seed=params.take("seed"),
        model=f"Midjourney {version}" if version else f"Niji {anime}" if anime else None,
        rest={**params.rest, "job": job},
    )
