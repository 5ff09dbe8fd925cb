"""From what a handler returned to files: base64, an address, or words that say what is wrong with it."""

import base64
import binascii
import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx

from backends.base import BackendError, Outputs
from backends.runpod.service import trust, without_secrets
from media_kinds import MediaKind

MOST_BYTES = 8 * 2**30
_FORMS = ("", "_base64", "_url", "s", "_urls", "_path")
_HEADS: tuple[tuple[str, str, str], ...] = (
    (r"\x89PNG\r\n", "image", ".png"),
    (r"\xff\xd8\xff", "image", ".jpg"),
    (r"GIF8", "image", ".gif"),
    (r"RIFF.{4}WEBP", "image", ".webp"),
    (r".{4}ftypavi[fs]", "image", ".avif"),
    (r".{4}ftypM4A", "audio", ".m4a"),
    (r".{4}ftypqt", "video", ".mov"),
    (r".{4}ftyp", "video", ".mp4"),
    (r"\x1aE\xdf\xa3.{0,60}webm", "video", ".webm"),
    (r"\x1aE\xdf\xa3", "video", ".mkv"),
    (r"RIFF.{4}WAVE", "audio", ".wav"),
    (r"fLaC", "audio", ".flac"),
    (r"OggS", "audio", ".ogg"),
    (r"ID3|\xff[\xe2-\xff]", "audio", ".mp3"),
)
"""How files begin, of which kind they are then, and what they are called."""

Check = Callable[[], None]


class GoneError(Exception):
    """The connection broke while a result was fetched."""


def failure(answer: Mapping[str, Any]) -> BackendError | None:
    """Why the run failed, if it did: what is wrong stands in `error`, as words or as JSON in a text, or in `output`."""
    state, output = answer["status"], answer.get("output")
    if state == "CANCELLED":
        return BackendError("The run was cancelled at RunPod, and not from here. Reuse brings its inputs back.")
    if state == "TIMED_OUT":
        return BackendError("The run took longer than its endpoint allows. Raise the limit there, or ask for less.")
    said = answer.get("error") or (output.get("error") if isinstance(output, dict) else None)
    if state == "FAILED" or said:
        return _told(said, output)
    return None


def _told(said: Any, output: Any) -> BackendError:
    if isinstance(said, str):
        said = _json(said)
    if isinstance(said, dict):
        words = said.get("error_message") or said.get("message") or said.get("error_type") or "it does not say why"
        detail = str(said.get("error_traceback") or json.dumps(said))
    else:
        words, detail = said or "it does not say why", "" if output is None else json.dumps(output)
    first = without_secrets(str(words)).strip().splitlines() or ["it does not say why"]
    return BackendError(_sentence(first[0][:500]), detail=without_secrets(f"{words}\n{detail}")[:20_000])


def _sentence(words: str) -> str:
    return f"The worker at RunPod failed: {words}{'' if words.endswith(('.', '!', '?')) else '.'}"


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def outputs(output: Any, kinds: Sequence[MediaKind], folder: Path, check: Check, timeout: float) -> Outputs:
    """The files of a run that is completed, in the folder, and the texts and numbers beside them.

    Raises BackendError for what is no result of these kinds, and GoneError when a fetch has to be tried again.
    """
    found = _found(output, kinds)
    if not found:
        detail = without_secrets(json.dumps(output))[:2000]
        raise BackendError(f"The worker at RunPod returned no {' or '.join(kinds)}.", detail=detail)
    files = []
    for number, text in enumerate(found):
        part = folder / f"result-{number}"
        _write(text, part, check, timeout)
        files.append(_named(part, kinds))
    return Outputs(tuple(files), _texts(output, kinds))


def _keys(kinds: Sequence[str]) -> list[str]:
    return [kind + form for form in _FORMS for kind in kinds]


def _found(output: Any, kinds: Sequence[str]) -> list[str]:
    """The first form in which there is a result."""
    if isinstance(output, str):
        return [output]
    if isinstance(output, list):
        return [text for one in output for text in _found(one, kinds)]
    for key in _keys(kinds) if isinstance(output, dict) else ():
        if value := output.get(key):
            return [text for text in (value if isinstance(value, list) else [value]) if isinstance(text, str)]
    return []


def _texts(output: Any, kinds: Sequence[str]) -> dict[str, str | int | float]:
    """What stands beside the result and is short."""
    beside = {name: value for name, value in output.items() if name} if isinstance(output, dict) else {}
    return {
        name: without_secrets(value) if isinstance(value, str) else value
        for name, value in beside.items()
        if name not in _keys(kinds) and _is_short(value)
    }


def _is_short(value: object) -> bool:
    if isinstance(value, str):
        return len(value) <= 1000
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _write(text: str, part: Path, check: Check, timeout: float) -> None:
    check()
    if re.match(r"https?://", text):
        with part.open("wb") as file:
            file.writelines(_fetched(text, check, timeout))
    elif re.match(r"(/|[a-z0-9]+://)\S+\.\w{2,5}$", text):
        raise BackendError(
            f"The result lies on the endpoint's volume as {text[:200]}, where the studio cannot fetch it: "
            "have the worker return it as base64 or by an address."
        )
    else:
        part.write_bytes(_decoded(text))


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode("".join(re.sub(r"^data:[^,]{0,200},", "", text).split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise BackendError("The worker at RunPod returned what is no file: see that it fits the model.") from error


def _fetched(url: str, check: Check, timeout: float) -> Iterator[bytes]:
    """The file at the address; it is another server's, and never gets the key."""
    size = 0
    try:
        with httpx.stream("GET", url, follow_redirects=True, timeout=timeout, verify=trust()) as answer:
            if answer.status_code >= 500 or answer.status_code == 429:
                raise GoneError
            if answer.is_error:
                raise BackendError(f"The result could not be fetched: its address answers {answer.status_code}.")
            for chunk in answer.iter_bytes():
                check()
                size += len(chunk)
                if size > MOST_BYTES:
                    raise BackendError("The result is larger than 8 GB, more than the studio takes.")
                yield chunk
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise GoneError from error


def _named(part: Path, kinds: Sequence[str]) -> Path:
    with part.open("rb") as file:
        head = file.read(80).decode("latin-1")
    wanted = " or ".join(_article(kind) for kind in kinds)
    for begins, found, suffix in _HEADS:
        if re.match(begins, head, re.DOTALL):
            if found not in kinds:
                raise BackendError(f"The worker at RunPod returned {_article(found)}, and the model makes {wanted}.")
            return part.rename(part.with_suffix(suffix))
    raise BackendError(f"The worker at RunPod returned what is not {wanted}: see that it fits the model.")


def _article(kind: str) -> str:
    return {"image": "a picture", "video": "a film", "audio": "a sound"}[kind]
