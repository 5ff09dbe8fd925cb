"""What an endpoint gave, as files in the folder of a run, and as texts."""

import json
import math
import mimetypes
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from backends.base import BackendError, Outputs
from backends.describing import unused
from backends.gradio_app import apps
from backends.gradio_app.apps import App
from backends.gradio_app.form import Endpoint

_PICTURES = frozenset({"image", "imageeditor", "imageslider", "annotatedimage"})
_MOST_TEXT = 10_000


def outputs(app: App, endpoint: Endpoint, made: Sequence[Any], folder: Path, check: Callable[[], None]) -> Outputs:
    """All of it; a file that is neither picture, film nor sound is named among the texts and not fetched."""
    files, texts = list[Path](), dict[str, str | int | float]()
    for value, label, component in zip(made, endpoint.labels, endpoint.components, strict=False):
        found = list(_files(value))
        for one in found:
            if component in _PICTURES or _is_media(one):
                files.append(_fetched(app, one, folder / f"result-{len(files) + 1}{_suffix(one)}", check))
            else:
                texts[unused(label, texts, " ")] = f"{_file_name(one)} is no picture, film or sound, and was not kept"
        if not found and value not in (None, "", [], {}):
            texts[unused(label, texts, " ")] = _text(value)
    if not files:
        raise BackendError("The app gave no picture, film or sound: change the values, or ask its author.")
    return Outputs(tuple(files), texts)


def first_picture(app: App, made: Any, check: Callable[[], None]) -> bytes | None:
    """The bytes of the first picture of an unfinished result, or `None` when there is none."""
    for one in _files(made):
        if (mimetypes.guess_type(_file_name(one))[0] or "").startswith("image/"):
            return b"".join(_streamed(app, one, check))
    return None


def _files(value: Any) -> Iterator[Mapping[str, Any]]:
    """The files in a value, however deep they lie in it."""
    if isinstance(value, Mapping):
        if isinstance(value.get("path"), str) and isinstance(value.get("meta"), Mapping):
            yield value
        else:
            for one in value.values():
                yield from _files(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _files(one)


def _fetched(app: App, file: Mapping[str, Any], path: Path, check: Callable[[], None]) -> Path:
    with path.open("wb") as written:
        for chunk in _streamed(app, file, check):
            written.write(chunk)
    return path


def _streamed(app: App, file: Mapping[str, Any], check: Callable[[], None]) -> Iterator[bytes]:
    """Only from the app itself and not from where it leads on: its word is no reason to ask other machines."""
    client, where = app.client, quote(file["path"], safe="/:")
    if file.get("is_stream"):
        raise BackendError("The app streams its result, which cannot be kept: take another endpoint.")
    try:
        with httpx.stream(
            "GET",
            f"{client.src_prefixed}file={where}",
            headers=client.headers,
            cookies=client.cookies,
            timeout=apps.SILENCE,
        ) as answer:
            if answer.status_code != httpx.codes.OK:
                raise BackendError(
                    f"The app does not hand out its result {_file_name(file)} (HTTP {answer.status_code})."
                )
            for chunk in answer.iter_bytes():
                check()
                yield chunk
    except httpx.HTTPError as error:
        sentence = "The app made a result, and went away before it was fetched: run it again."
        raise BackendError(sentence, detail=repr(error)) from error


def _file_name(file: Mapping[str, Any]) -> str:
    return Path(str(file.get("orig_name") or file["path"])).name


def _suffix(file: Mapping[str, Any]) -> str:
    found = re.fullmatch(r"\.[a-z0-9]{1,5}", Path(file["path"]).suffix.lower())
    return found[0] if found else ""


def _is_media(file: Mapping[str, Any]) -> bool:
    kind = mimetypes.guess_type(file["path"])[0] or mimetypes.guess_type(_file_name(file))[0] or ""
    return kind.startswith(("image/", "video/", "audio/"))


def _text(value: Any) -> str | int | float:
    if isinstance(value, str):
        return value[:_MOST_TEXT]
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return value
    return json.dumps(value, ensure_ascii=False)[:_MOST_TEXT]
