"""What a file says of how it was made, the same for every tool."""

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
_MOST_PIXELS = 10**6
_MOST_ENTRIES = 1_000


class Lora(NamedTuple):
    """A LoRA, named as in the file; `weight` is None where the file has none."""

    name: str
    weight: float | None = None


@dataclass(frozen=True)
class Fields:
    """What is unknown is None. An empty text says that the file has an empty one.

    `width` and `height` are what was asked for, in pixels, and may be other than the picture's. `guidance` is the CFG
    scale, or the distilled guidance of a model that is run at a scale of 1. `rest` has all else as text.
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
        """Fields of values as the file has them: numbers may be texts; what cannot be one of the field is unknown."""
        rest = raw.pop("rest", None)
        known = {name: _CONVERT[name](value) for name, value in raw.items()}
        named, given = islice(loras, _MOST_ENTRIES), islice(inputs, _MOST_ENTRIES)
        return cls(tool, loras=tuple(named), inputs=tuple(given), rest=_as_texts(rest), **known)

    def filled_from(self, other: "Fields | None") -> "Fields":
        """These fields, and the other's where these know nothing."""
        if other is None:
            return self
        unknown = [name for name, value in vars(self).items() if value in (None, ()) and name != "tool"]
        return replace(self, **{name: getattr(other, name) for name in unknown})


class Params:
    """An object of a file, which notes what was taken from it; the `rest` is what nobody took."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values
        self._taken: set[str] = set()

    def take(self, *names: str) -> Any:
        """The value of the first of the names that the file has one of, else None."""
        self._taken.update(names)
        return next((value for name in names if (value := self._values.get(name)) is not None), None)

    def take_size(self, *names: str) -> tuple[Any, Any]:
        """Width and height: of the text under one of the names, else each under its own."""
        width, height = size(self.take(*names))
        return width or self.take("width"), height or self.take("height")

    @property
    def rest(self) -> dict[str, Any]:
        """The values that nothing has taken yet."""
        return {name: value for name, value in self._values.items() if name not in self._taken}


def whole(value: object) -> int | None:
    """A whole number, also of `"7"`, `7.0` and `"7.0"`; never rounded."""
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
    """A finite number; a list that says the same several times is one."""
    if isinstance(value, list) and value and all(one == value[0] for one in value):
        value = value[0]
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e12:
        return None
    return float(value) if math.isfinite(value) else None


def guided_by(cfg: object, distilled: object) -> object:
    """The distilled guidance where the scale is 1, which does nothing, or unknown; else the scale."""
    return distilled if number(cfg) in (None, 1) and number(distilled) is not None else cfg


def text(value: object) -> str | None:
    """A text that can be stored and shown; lone surrogates become the replacement character."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    whole_text = str(value).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return whole_text.replace("\r\n", "\n").strip().strip(_INVISIBLE).strip()


def size(value: object) -> tuple[int, int] | tuple[None, None]:
    """Width and height of `"512x768"`, `"(512, 768)"` or `"832 x 1216 (portrait)"`."""
    found = _SIZE.search(value[:200]) if isinstance(value, str) else None
    return (int(found[1]), int(found[2])) if found else (None, None)


def loras(entries: object, names: Iterable[str], weights: Iterable[str]) -> list[Lora]:
    """The LoRAs of a list of objects whose name and weight stand under one of these keys."""
    found = []
    for entry in listed(entries):
        if isinstance(entry, dict):
            params = Params(entry)
            name, weight = params.take(*names), params.take(*weights)
            name = name or params.take("name", "model_name", "key")
            name = Params(name).take("name", "model_name", "key") if isinstance(name, dict) else name
            if text(name):
                found.append(Lora(text(name) or "", number(weight)))
    return found


def listed(value: object) -> list[Any]:
    """The value where it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def known(value: str | None) -> str | None:
    """None for a text that says that there is nothing to say."""
    return None if value is None or value.lower() in {"", "none", "undefined", "unknown", "n/a", "null"} else value


def _within(low: int, high: int) -> Callable[[object], int | None]:
    def convert(value: object) -> int | None:
        found = whole(value)
        return found if found is not None and low <= found <= high else None

    return convert


def _as_texts(rest: object) -> dict[str, str]:
    if not isinstance(rest, Mapping):
        return {}
    return {
        text(str(key)) or "": text(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)) or ""
        for key, value in islice(rest.items(), _MOST_ENTRIES)
        if value not in (None, "", [], {})
    }


def _name(value: object) -> str | None:
    return known(text(value))


_CONVERT: dict[str, Callable[[object], Any]] = {
    **dict.fromkeys(("prompt", "negative_prompt"), text),
    **dict.fromkeys(("sampler", "scheduler", "model", "model_hash"), _name),
    **dict.fromkeys(("guidance", "denoise"), number),
    **dict.fromkeys(("width", "height"), _within(1, _MOST_PIXELS)),
    "seed": _within(0, 2**64 - 1),
    "steps": _within(1, 10**6),
}
