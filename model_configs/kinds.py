"""The kinds of parameters beyond words, numbers, choices and single files."""

import json
import math
import re
from typing import Annotated, Any, ClassVar, Literal

from PIL import ImageColor
from pydantic import Field, JsonValue

from model_configs.parameter import BaseParameter, Declared, Name, RefusedError, Whole, adapter

MEGAPIXEL = 2**20
"""As image models count: 1 MP is 1024 × 1024 pixels."""

_HEX = re.compile(r"#[0-9a-f]{6}(?:[0-9a-f]{2})?")
_RGBA = re.compile(r"rgba\((.*),\s*(\d*\.?\d+|\d+\.)\s*\)")
_SIZE = re.compile(r"\s*(\d{1,6})\s*[x×]\s*(\d{1,6})\s*", re.IGNORECASE)
_RATIO = re.compile(r"([1-9]\d{0,2}):([1-9]\d{0,2})")


class Colour(BaseParameter):
    """A colour in sRGB as `#rrggbb`, with `alpha` as `#rrggbbaa` too; `None` only where the default is `None`."""

    has_empty: ClassVar[bool] = True
    kind: Literal["colour"]
    default: str | None = "#000000"
    alpha: bool = Field(False, description="Whether it may be transparent: #rrggbbaa")

    def check(self, value: Any) -> str | None:
        if value in (None, "") and self.default is None:
            return None
        text: str = adapter(str).validate_python(value, strict=True).lower()
        if not _HEX.fullmatch(text) or (len(text) > 7 and not self.alpha):
            raise ValueError("no colour")
        return text

    def fit(self, value: Any) -> str | None:
        """Any notation of CSS becomes `#rrggbb`: names, `#rgb`, `rgb(…)`, `hsl(…)`."""
        if value in (None, "") and self.default is None:
            return None
        written = adapter(str).validate_python(value, strict=True).strip()
        if len(written) > 100:
            raise ValueError("no colour")
        parts = _parts(written)
        opaque = len(parts) == 3 or parts[3] == 255
        return self.check("#" + bytes(parts[:3] if opaque or not self.alpha else parts).hex())

    @property
    def expectation(self) -> str:
        return f"a colour such as #ff8800{' or #ff880080' if self.alpha else ''}"


def _parts(written: str) -> tuple[int, ...]:
    """Red, green, blue and perhaps alpha, each of 255; Pillow would read the alpha of `rgba(…)` so too, CSS of 1."""
    match = _RGBA.fullmatch(written.lower())
    if match is None:
        return ImageColor.getrgb(written)
    return *ImageColor.getrgb(f"rgb({match[1]})"), round(min(float(match[2]), 1) * 255)


class Pixels(Declared):
    """Width and height in pixels."""

    width: Whole
    height: Whole


class Size(BaseParameter):
    """The width and height of a picture in pixels, `{width, height}`; each a multiple within limits."""

    has_empty: ClassVar[bool] = True
    kind: Literal["size"]
    default: Pixels = Pixels(width=1024, height=1024)
    multiple: int = Field(8, ge=1, le=1024, description="Of what width and height are multiples")
    minimum: int = Field(64, ge=1, description="The least of width and height")
    maximum: int = Field(2048, ge=1, description="The most of width and height")
    max_megapixels: float | None = Field(None, gt=0, description="The most of width × height; 1 is 1024 × 1024")
    ratios: list[Annotated[str, Field(pattern=_RATIO.pattern)]] = Field(
        ["1:1", "4:3", "3:2", "16:9", "3:4", "2:3", "9:16"], description="The aspects that the form offers"
    )
    megapixels: list[Annotated[float, Field(gt=0)]] = Field(
        [0.25, 0.5, 1, 2, 4], description="The areas that the form offers, as far as the limits allow them"
    )
    of: Name | None = Field(None, description="The input whose (first) picture gives a size that the form offers too")

    def check(self, value: Any) -> dict[str, int]:
        pixels: Pixels = adapter(Pixels).validate_python(value, strict=True)
        for side in (pixels.width, pixels.height):
            if side % self.multiple or not self.minimum <= side <= self.maximum:
                raise ValueError("outside the limits")
        if pixels.width * pixels.height > self._most:
            raise ValueError("too large")
        return pixels.model_dump()

    def fit(self, value: Any) -> dict[str, int]:
        """The nearest size of about the same aspect; texts such as 1024x768 are sizes too."""
        match = _SIZE.fullmatch(value) if isinstance(value, str) else None
        width, height = map(int, match.groups()) if match else _sides(value)
        if min(width, height) < 1:
            raise ValueError("no size")
        larger = max(width / self.maximum, height / self.maximum, math.sqrt(width * height / self._most), 1)
        sides = [self._nearest(side / larger) for side in (width, height)]
        while sides[0] * sides[1] > self._most and max(sides) > self.minimum:
            sides[sides.index(max(sides))] -= self.multiple
        return self.check({"width": sides[0], "height": sides[1]})

    def _nearest(self, side: float) -> int:
        least, most = math.ceil(self.minimum / self.multiple), self.maximum // self.multiple
        return max(least, min(math.floor(side / self.multiple + 0.5), most)) * self.multiple

    @property
    def follows(self) -> str | None:
        return self.of

    @property
    def _most(self) -> float:
        return math.inf if self.max_megapixels is None else self.max_megapixels * MEGAPIXEL

    @property
    def initial(self) -> dict[str, int]:
        return self.default.model_dump()

    @property
    def expectation(self) -> str:
        sides = f"a multiple of {self.multiple} " if self.multiple > 1 else ""
        most = "" if self.max_megapixels is None else f", at most {self.max_megapixels:g} megapixels"
        return f"a width and a height, each {sides}between {self.minimum} and {self.maximum} pixels{most}"


def _sides(value: Any) -> tuple[int, int]:
    pixels = Pixels.model_validate(value)
    return pixels.width, pixels.height


class Images(BaseParameter):
    """Pictures in an order; the value is a list of references as those of a single file."""

    has_empty: ClassVar[bool] = True
    kind: Literal["images"]
    max_items: int = Field(8, ge=1, le=64)

    def check(self, value: Any) -> list[str]:
        references: list[str] = adapter(list[str]).validate_python(value, strict=True)
        if len(references) > self.max_items:
            raise RefusedError(f"takes at most {self.max_items} pictures, these are {len(references)}")
        return references

    @property
    def initial(self) -> list[str]:
        return []

    @property
    def expectation(self) -> str:
        return f"a list of at most {self.max_items} image files"


class Mask(BaseParameter):
    """Which part of another input's picture is meant: a picture of the same size, white where it is, else black."""

    has_empty: ClassVar[bool] = True
    kind: Literal["mask"]
    of: Name = Field(description="The image input that it is drawn over")

    def check(self, value: Any) -> str | None:
        reference: str | None = adapter(str | None).validate_python(value, strict=True)
        return reference

    @property
    def follows(self) -> str:
        return self.of

    @property
    def expectation(self) -> str:
        return "an image file"


class Json(BaseParameter):
    """Any JSON, kept as the text that was written; the backend gets what it says, nothing for an empty text.

    As a text it comes back as it was: a browser would turn 1.0 into 1 and round large numbers.
    """

    has_empty: ClassVar[bool] = True
    kind: Literal["json"]
    default: JsonValue = Field(None, description="As YAML; the form begins with it as JSON")
    lines: int = Field(4, ge=1, le=40)
    max_length: int = Field(100_000, ge=1)

    def check(self, value: Any) -> str:
        text: str = adapter(str).validate_python(value, strict=True)
        if len(text) > self.max_length:
            raise RefusedError(f"must be at most {self.max_length} characters")
        _read(text)
        return text

    def fit(self, value: Any) -> str:
        """What is no text is written down as JSON."""
        return self.check(value if isinstance(value, str) else _written(value))

    @property
    def initial(self) -> str:
        return "" if self.default is None else _written(self.default)

    @property
    def expectation(self) -> str:
        return f"JSON of at most {self.max_length} characters"

    def is_empty(self, value: Any) -> bool:
        return value is None or (isinstance(value, str) and not value.strip())

    def run_value(self, value: Any) -> Any:
        return _read(value)


def _written(value: Any) -> str:
    """On one line where that is short."""
    line = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return line if len(line) <= 80 else json.dumps(value, ensure_ascii=False, allow_nan=False, indent=2)


def _read(text: str) -> Any:
    """What the text says; RefusedError where it is no JSON, with line and column."""
    if not text.strip():
        return None
    try:
        value = json.loads(text, parse_constant=_no_constant)
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()  # no lone surrogate, nothing beyond all numbers
    except json.JSONDecodeError as error:
        raise RefusedError(f"is not JSON: line {error.lineno}, column {error.colno}: {error.msg}") from error
    except UnicodeEncodeError as error:
        raise RefusedError("is not JSON: it holds a lone surrogate, half of a character") from error
    except RecursionError as error:
        raise RefusedError("is nested too deeply") from error
    except ValueError as error:
        raise RefusedError(f"is not JSON: {error}") from error
    return value


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no number")
