"""From the form's values to the handler's input: names as the model file has them, files inline or by address."""

import base64
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from backends.base import BackendError
from backends.runpod.spec import RunPodSpec, Switch

MOST_BYTES = 10_000_000
"""The largest body of a request that starts a run."""

Address = Callable[[Path], str | None]


def body(spec: RunPodSpec, values: Mapping[str, Any], address: Address) -> bytes:
    """The body that starts a run: the largest files go by address where all of them inline are too many bytes.

    Raises BackendError at the inputs to blame when there is no address for a file that has to go by one.
    """
    plain = _plain(spec, values)
    files = {name: values[name] for name in spec.media if isinstance(values.get(name), Path)}
    sizes = {name: _encoded(path) for name, path in files.items()}
    room = MOST_BYTES - len(_written(plain | {_key(spec, name, "base64"): "" for name in files}))
    by_address: list[str] = []
    for name in sorted(files, key=lambda name: -sizes[name]):
        if sum(sizes.values()) > room:
            del sizes[name]
            room -= 2_000  # at most, for the address
            by_address.append(name)
    given = plain | {_key(spec, name, "base64"): _inline(files[name]) for name in sizes}
    written = _written(given | _addresses(spec, files, by_address, address))
    if len(written) > MOST_BYTES:
        raise BackendError("RunPod takes at most 10 MB of inputs. Shorten the texts.")
    return written


def _written(given: Mapping[str, Any]) -> bytes:
    return json.dumps({"input": given}).encode()


def _encoded(path: Path) -> int:
    return (path.stat().st_size + 2) // 3 * 4


def _inline(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()


def _key(spec: RunPodSpec, name: str, form: str) -> str:
    """What a file is called in this form: `image_url`, or `wav_url_2`."""
    key = spec.media[name]
    return key.replace("{}", form) if "{}" in key else f"{key}_{form}"


def _addresses(spec: RunPodSpec, files: Mapping[str, Path], names: list[str], address: Address) -> dict[str, str]:
    found = {name: address(files[name]) for name in names}
    if homeless := [name for name, url in found.items() if not url]:
        megabytes = sum(files[name].stat().st_size for name in homeless) / 1e6
        raise BackendError(
            f"RunPod takes at most 10 MB of inputs, and these files have {megabytes:.1f} MB: take smaller ones, "
            "or set STUDIO_MEDIA_URL to a bucket that RunPod can reach.",
            dict.fromkeys(homeless, "This file is too large to be sent along."),
        )
    return {_key(spec, name, "url"): url for name, url in found.items() if url}


def _plain(spec: RunPodSpec, values: Mapping[str, Any]) -> dict[str, Any]:
    """All but the files; what is `None` is left to the handler."""
    given: dict[str, Any] = dict(spec.fixed)
    for name, value in values.items():
        if value is None or name in {*spec.media, *spec.omit, *spec.grouped}:
            continue
        if value == "" and name in spec.when_set:
            continue
        to = spec.inputs.get(name, name)
        if isinstance(to, Switch):
            given[to.key] = to.on if value else to.off
        else:
            given[to] = _sent(value)
    return given | _groups(spec, values)


def _sent(value: Any) -> Any:
    """LoRAs go as pairs of path and weight."""
    if isinstance(value, list):
        return [[one["path"], one["weight"]] if _is_lora(one) else one for one in value]
    return value


def _is_lora(one: Any) -> bool:
    return isinstance(one, dict) and one.keys() == {"path", "weight"}


def _groups(spec: RunPodSpec, values: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    groups = {
        key: [{to: values[name] for to, name in item.items()} for item in items if _is_whole(item, values)]
        for key, items in spec.groups.items()
    }
    return {key: items for key, items in groups.items() if items}


def _is_whole(item: Mapping[str, str], values: Mapping[str, Any]) -> bool:
    return all(values.get(name) not in (None, "") for name in item.values())
