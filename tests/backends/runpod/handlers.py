"""Handlers as those of the shipped models' workers: what each reads, and small real results.

They are stricter than the real ones: an input that they do not read is an error, so that no form offers what its worker
ignores.
"""

import base64
import io
import json
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import av
from PIL import Image

from tests import media_samples
from tests.backends.runpod.platform import Handler


@dataclass(frozen=True)
class Reads:
    """What a worker reads: what it needs, what it may be given, its files by key and kind, and what it makes."""

    needs: frozenset[str]
    takes: frozenset[str] = frozenset()
    files: Mapping[str, str] = field(default_factory=dict)
    optional_files: Mapping[str, str] = field(default_factory=dict)
    makes: str = "image"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


WORKERS: Mapping[str, Reads] = {
    "flux-krea": Reads(_words("prompt width height seed guidance"), _words("lora")),
    "qwen-image-edit": Reads(
        _words("prompt width height seed"), files={"image_{}": "image"}, optional_files={"image_{}_2": "image"}
    ),
    "wan-animate": Reads(
        _words("prompt mode width height fps seed steps cfg"),
        _words("points_store coordinates neg_coordinates"),
        {"image_{}": "image", "video_{}": "video"},
        makes="video",
    ),
    "z-image": Reads(
        _words("prompt use_controlnet width height seed steps cfg"),
        _words("negative_prompt lora"),
        optional_files={"condition_image_{}": "image"},
    ),
    "wan22": Reads(
        _words("prompt width height length seed cfg"),
        _words("lora_pairs"),
        {"image_{}": "image"},
        {"end_image_{}": "image"},
        "video",
    ),
    "infinite-talk": Reads(
        _words("prompt input_type person_count width height force_offload"),
        _words("max_frame"),
        {"wav_{}": "audio"},
        {"image_{}": "image", "video_{}": "video", "wav_{}_2": "audio"},
        "video",
    ),
    "onetoall": Reads(
        _words("prompt workflow_type width height fps seed steps cfg"),
        _words("negative_prompt"),
        {"image_{}": "image", "video_{}": "video"},
        makes="video",
    ),
    "flux-kontext": Reads(_words("prompt width height seed guidance"), files={"image_{}": "image"}),
    "upscale-runpod": Reads(
        _words("output"), _words("task_type"), optional_files={"image_{}": "image", "video_{}": "video"}
    ),
}


@cache
def result(kind: str) -> str:
    """A small file of the kind in base64."""
    with tempfile.TemporaryDirectory() as folder:
        make = {"image": media_samples.png, "video": media_samples.video, "audio": media_samples.audio}[kind]
        path = make(Path(folder) / f"result{ {'image': '.png', 'video': '.mp4', 'audio': '.wav'}[kind] }")
        return base64.b64encode(path.read_bytes()).decode()


def worker(reads: Reads, log: list[dict[str, Any]] | None = None) -> Handler:
    """The handler; `log` gets what it was given."""

    def handle(given: dict[str, Any]) -> Iterator[Any]:
        if log is not None:
            log.append(given)
        rest = set(given)
        for key, kind in {**reads.files, **reads.optional_files}.items():
            rest -= _file(given, key, kind, key in reads.files)
        if missing := reads.needs - rest:
            raise KeyError(f"missing: {sorted(missing)}")
        if unread := rest - reads.needs - reads.takes:
            raise KeyError(f"not read: {sorted(unread)}")
        for pair in given.get("lora_pairs", []):
            assert pair.keys() == {"high", "low", "high_weight", "low_weight"}
        for path, weight in given.get("lora", []):
            assert path
            assert 0.1 <= weight <= 2
        for name in ("points_store", "coordinates", "neg_coordinates"):
            json.loads(given.get(name, "{}"))
        yield "Sampling 1/2"
        yield {"progress": 0.5, "message": "Decoding"}
        yield {reads.makes: result(reads.makes)}

    return handle


def _file(given: Mapping[str, Any], key: str, kind: str, needed: bool) -> set[str]:
    """The one key under which the file came, once it was read."""
    forms = [key.replace("{}", form) for form in ("path", "url", "base64")]
    (*found,) = (form for form in forms if form in given)
    if not found and not needed:
        return set()
    assert len(found) == 1, f"exactly one of {forms}"
    text = given[found[0]]
    content = urlopen(text).read() if "_url" in found[0] else base64.b64decode(text, validate=True)
    if kind == "image":
        Image.open(io.BytesIO(content)).load()
    else:
        with av.open(io.BytesIO(content)) as container:
            assert container.streams.get({kind: 0})
    return set(found)


HANDLERS: Mapping[str, Handler] = {name: worker(reads) for name, reads in WORKERS.items()}
