"""How a file was made, in the same fields for every tool, and the conversions from what tools write."""

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, NamedTuple, Self

_WHOLE = re.compile(r"\s*([+-]?\d{1,20})(?:\.0*)?\s*")
_NUMBER = re.compile(r"\s*[+-]?(?:\d{1,20}(?:\.\d{0,20})?|\.\d{1,20})(?:[eE][+-]?\d{1,3})?\s*")
_SIZE = re.compile(r"(\d{1,6})\s*[x×X*,]\s*(\d{1,6})")
_INVISIBLE = "\0\u200b\ufeff"
_MAX_PIXELS = 10**6
_MAX_ENTRIES = 1_000


class Lora(NamedTuple):
    """A LoRA, named as in the file; `weight` is None where the file has none."""

    name: str
    weight: float | None = None


@dataclass(frozen=True)
class Fields:
    """How a file was made; None is unknown, while an empty text is one that the file has.

    `width` and `height` are what was asked for, in pixels, and may differ from the picture's. `guidance` is the CFG
    scale, or the distilled guidance of a model that runs at a scale of 1. `rest` has everything else as text.
    """

    tool: str
    prompt: str | None = None
    negative_prompt: str | None = None
    seed: int | None = None
    steps: int | None = None
    guidance: float | None = None
    sampler: str | None = None
    scheduler: str | None = None
    width: int | None = None
    height: int | None = None
    model: str | None = None
    model_hash: str | None = None
    loras: tuple[Lora, ...] = ()
    denoise: float | None = None
    inputs: tuple[str, ...] = ()
    rest: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, tool: str, loras: Iterable[Lora] = (), inputs: Iterable[str] = (), **raw: object) -> Self:
        """Fields from raw values: numbers may be texts, and a value that does not fit its field becomes unknown."""
        rest = raw.pop("rest", None)
        known = {name: _CONVERT[name](value) for name, value in raw.items()}
        some_loras, some_inputs = islice(loras, _MAX_ENTRIES), islice(inputs, _MAX_ENTRIES)
        return cls(tool, loras=tuple(some_loras), inputs=tuple(some_inputs), rest=_as_texts(rest), **known)

    def filled_from(self, other: "Fields | None") -> "Fields":
        """These fields, with those of the other where these are unknown."""
        if other is None:
            return self
        unknown = [name for name, value in vars(self).items() if value in (None, ()) and name != "tool"]
        return replace(self, **{name: getattr(other, name) for name in unknown})


class Params:
    """The values of a JSON object, taken by name; `rest` are those that were not taken."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values
        self._taken: set[str] = set()

    def take(self, *names: str) -> Any:
        """The first value that is not None under one of the names, else None; all of the names count as taken."""
        self._taken.update(names)
        return next((value for name in names if (value := self._values.get(name)) is not None), None)

    def take_size(self, *names: str) -> tuple[Any, Any]:
        """Width and height, from a text such as `512x768` under one of the names, else from `width` and `height`."""
        width, height = size(self.take(*names))
        return width or self.take("width"), height or self.take("height")

    @property
    def rest(self) -> dict[str, Any]:
        """The values that nothing has taken yet."""
        return {name: value for name, value in self._values.items() if name not in self._taken}


def integer(value: object) -> int | None:
    """An integer, also from `"7"`, `7.0` and `"7.0"`; never rounded."""
    match value:
        case bool():
            return None
        case int():
            return value
        case float() if value.is_integer() and abs(value) < 2**53:
            return int(value)
        case str() if found := _WHOLE.fullmatch(value):
            return int(found[1])
    return None


def number(value: object) -> float | None:
    """A finite number, also from a text, or from a list whose entries are all the same."""
    if isinstance(value, list) and value and all(one == value[0] for one in value):
        value = value[0]
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e12:
        return None
    return float(value) if math.isfinite(value) else None


def effective_guidance(cfg: object, distilled: object) -> object:
    """The CFG scale, but the distilled guidance where the scale is unknown or 1, at which it has no effect."""
    return distilled if number(cfg) in (None, 1) and number(distilled) is not None else cfg


def text(value: object) -> str | None:
    """A trimmed text that can be stored and shown: lone surrogates become the replacement character."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    valid = str(value).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return valid.replace("\r\n", "\n").strip().strip(_INVISIBLE).strip()


def size(value: object) -> tuple[int, int] | tuple[None, None]:
    """Width and height of `"512x768"`, `"(512, 768)"` or `"832 x 1216 (portrait)"`."""
    found = _SIZE.search(value[:200]) if isinstance(value, str) else None
    return (int(found[1]), int(found[2])) if found else (None, None)


def loras(entries: object, names: Iterable[str], weights: Iterable[str]) -> list[Lora]:
    """The LoRAs of a list of objects, whose name and weight are under one of these keys; a name may be an object."""
    found = []
    for entry in objects(entries):
        params = Params(entry)
        name, weight = params.take(*names), params.take(*weights)
        name = name or params.take("name", "model_name", "key")
        name = Params(name).take("name", "model_name", "key") if isinstance(name, dict) else name
        if text(name):
            found.append(Lora(text(name) or "", number(weight)))
    return found


def list_or_empty(value: object) -> list[Any]:
    """The value where it is a list, else an empty list."""
    return value if isinstance(value, list) else []


def objects(values: object) -> list[dict[str, Any]]:
    """The JSON objects in a list; none where it is no list."""
    return [value for value in list_or_empty(values) if isinstance(value, dict)]


def known(value: str | None) -> str | None:
    """The text, or None for a placeholder such as `None` or `unknown`."""
    return None if value is None or value.lower() in {"", "none", "undefined", "unknown", "n/a", "null"} else value


def _within(low: int, high: int) -> Callable[[object], int | None]:
    def convert(value: object) -> int | None:
        found = integer(value)
        return found if found is not None and low <= found <= high else None

    return convert


def _as_texts(rest: object) -> dict[str, str]:
    if not isinstance(rest, Mapping):
        return {}
    return {
        text(str(key)) or "": text(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)) or ""
        for key, value in islice(rest.items(), _MAX_ENTRIES)
        if value not in (None, "", [], {})
    }


def _name(value: object) -> str | None:
    return known(text(value))


_CONVERT: dict[str, Callable[[object], Any]] = {
    **dict.fromkeys(("prompt", "negative_prompt"), text),
    **dict.fromkeys(("sampler", "scheduler", "model", "model_hash"), _name),
    **dict.fromkeys(("guidance", "denoise"), number),
    **dict.fromkeys(("width", "height"), _within(1, _MAX_PIXELS)),
    "seed": _within(0, 2**64 - 1),
    "steps": _within(1, 10**6),
}
