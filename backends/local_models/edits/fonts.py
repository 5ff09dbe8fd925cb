"""Which font draws which letters: the Noto fonts that come along, those of the machine, at last Pillow's own."""

import os
import re
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from io import BytesIO
from pathlib import Path

from fontTools.ttLib import TTFont, TTLibError
from PIL import ImageFont, features
from uniseg.graphemecluster import grapheme_clusters

FOLDERS: Sequence[Path] = (
    *(Path(folder) for folder in ("/usr/share/fonts", "/usr/local/share/fonts", "/Library/Fonts")),
    *(Path.home() / folder for folder in (".local/share/fonts", ".fonts", "Library/Fonts")),
    Path("/System/Library/Fonts"),
    Path(os.environ.get("WINDIR", "C:\\Windows")) / "Fonts",
)
"""Where systems keep their fonts."""

MOST_NAMED = 12
"""How many letters a refusal names."""

_PACKAGES = ("manimgx_fonts", "manimgx_fonts_cjk")
_ENDINGS = (".ttf", ".otf", ".ttc", ".otc")
_FANCY = ("bold", "italic", "oblique", "light", "thin", "black", "condensed", "narrow", "mono", "serif")
_BOXES = ("lastresort", "blank")  # fonts that have a box, or nothing, for every letter
_IGNORED = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""What Unicode says is not shown by itself; a font needs no glyph for it."""
_SIMPLE = {
    *("LATIN", "GREEK", "COPTIC", "CYRILLIC", "ARMENIAN", "GEORGIAN", "ETHIOPIC", "CHEROKEE", "MATHEMATICAL"),
    *("CJK", "HIRAGANA", "KATAKANA", "BOPOMOFO", "HANGUL", "IDEOGRAPHIC", "FULLWIDTH", "HALFWIDTH"),
    *("MODIFIER", "FEMININE", "MASCULINE", "MICRO", "DOUBLE", "SCRIPT", "BLACK"),
}
"""What the names of letters begin with that stand side by side, whatever their neighbours are."""


class UndrawableTextError(Exception):
    """A text cannot be drawn; the message is one sentence or two for the user."""


@dataclass(frozen=True, slots=True)
class Font:
    """One font, by its file; Pillow's own has none."""

    path: Path | None

    def at(self, size: float) -> ImageFont.FreeTypeFont:
        """The font at a size in pixels, which need not be whole."""
        return _opened(self.path, size)

    def has(self, cluster: str) -> bool:
        """Whether it has the letters of a cluster, as they are or taken apart."""
        letters = _letters(self.path)
        return any(
            all(_IGNORED.match(one) or ord(one) in letters for one in unicodedata.normalize(form, cluster))
            for form in ("NFC", "NFD")
        )


Letter = tuple[str, Font]
"""A grapheme cluster and the font that it is drawn in."""


def choose(text: str) -> Sequence[Letter]:
    """The clusters of a text, each with its font; raises UndrawableTextError for what cannot be drawn."""
    found, missing = list[Letter](), dict[str, None]()
    for cluster in grapheme_clusters(text):
        font = _font_of(cluster, found[-1][1] if found else None)
        if font is None:
            missing.update(dict.fromkeys(cluster if len(cluster) == 1 else _unknown(cluster)))
        else:
            found.append((cluster, font))
    if missing:
        more = "" if len(missing) <= MOST_NAMED else " and others"
        named = ", ".join(map(_named, [*missing][:MOST_NAMED])) + more
        reason = f"No font here has {named}, so the text cannot be drawn"
        raise UndrawableTextError(f"{reason}. Leave that out, or install a font.")
    if scripts := _unshaped(text):
        reason = "this machine has no FriBiDi, which Pillow needs to put such letters together"
        what = f"Text with {', '.join(scripts)} cannot be drawn"
        raise UndrawableTextError(f"{what}: {reason}. Install it, or leave that out.")
    return found


def can_shape() -> bool:
    """Whether Pillow has what forms letters by their neighbours and writes from the right."""
    return bool(features.check("raqm"))


def shown(text: str) -> str:
    """The text as Pillow is to get it: what is not shown would be a box where nothing shapes letters."""
    return text if can_shape() else _IGNORED.sub("", text)


@cache
def bundled() -> Sequence[Font]:
    """The fonts that come with the studio: Latin, Greek and Cyrillic first, pictures last."""
    paths = [Path(str(resources.files(package))) for package in _PACKAGES]
    files = [path for folder in paths for path in folder.iterdir() if path.suffix in _ENDINGS]
    upright = [path for path in files if "Italic" not in path.name]
    return [Font(path) for path in sorted(upright, key=_rank)]


def _rank(path: Path) -> tuple[bool, bool, str]:
    return not path.name.startswith("NotoSans["), "Emoji" in path.name, path.name


@cache
def installed() -> Sequence[Font]:
    """The fonts of the machine, plain ones first."""
    found = (Path(folder, name) for top in FOLDERS for folder, _, names in os.walk(top) for name in names)
    fonts = [path for path in found if path.suffix.lower() in _ENDINGS]
    usable = [path for path in fonts if not any(word in path.name.lower() for word in _BOXES)]
    return [Font(path) for path in sorted(usable, key=lambda path: (_is_fancy(path), str(path)))]


def _is_fancy(path: Path) -> bool:
    return any(word in path.name.lower() for word in _FANCY)


def _all() -> Iterator[Font]:
    yield from bundled()
    yield from installed()
    yield Font(None)


def _font_of(cluster: str, before: Font | None) -> Font | None:
    """The first font that has it; for spaces and punctuation the one of the letters before."""
    is_between = unicodedata.category(cluster[0])[0] in "ZPC"
    if before is not None and is_between and not _is_of_pictures(before) and before.has(cluster):
        return before
    return next((font for font in _all() if font.has(cluster)), None)


def _is_of_pictures(font: Font) -> bool:
    """Whether its spaces are as wide as a picture."""
    return font.path is not None and "Emoji" in font.path.name


def _unknown(cluster: str) -> Sequence[str]:
    """The letters of a cluster that no font has; all of them where only their joining is missing."""
    return [one for one in cluster if not any(font.has(one) for font in _all())] or list(cluster)


def _named(letter: str) -> str:
    code = f"U+{ord(letter):04X}"
    is_shown = letter.isprintable() and not letter.isspace() and unicodedata.category(letter)[0] != "M"
    return f"“{letter}”" if is_shown else code


def _unshaped(text: str) -> Sequence[str]:
    """The scripts of a text that cannot be drawn where nothing shapes letters."""
    if can_shape():
        return []
    return sorted({_script(one) for one in text if unicodedata.category(one)[0] in "LM" and not _is_simple(one)})


def _is_simple(letter: str) -> bool:
    return bool(_IGNORED.match(letter)) or _script(letter).upper() in _SIMPLE


def _script(letter: str) -> str:
    word = re.split("[ -]", unicodedata.name(letter, "unknown letters"))[0]
    return "combining marks" if word == "COMBINING" else word.capitalize()


@lru_cache(64)
def _opened(path: Path | None, size: float) -> ImageFont.FreeTypeFont:
    font = ImageFont.truetype(_own() if path is None else path, size)
    with suppress(OSError, ValueError):  # of a font that has one weight only
        font.set_variation_by_name("Regular")  # some begin with the thinnest
    return font


@cache
def _letters(path: Path | None) -> frozenset[int]:
    """The letters that the font has a glyph for; none for a file that is no font of outlines."""
    try:
        with _own() if path is None else path.open("rb") as file, TTFont(file, fontNumber=0, lazy=True) as font:
            if not {"glyf", "CFF ", "CFF2"} & set(font.keys()):
                return frozenset()
            glyphs = font.getBestCmap() or {}
            return frozenset(code for code, glyph in glyphs.items() if glyph != ".notdef" and not _is_private(code))
    except (TTLibError, OSError, ValueError, KeyError, AssertionError):
        return frozenset()


def _own() -> BytesIO:
    """Pillow's own font, to be opened as all others are."""
    font = ImageFont.load_default(10)
    assert isinstance(font, ImageFont.FreeTypeFont)
    assert isinstance(font.path, BytesIO)
    return BytesIO(font.path.getvalue())


def _is_private(code: int) -> bool:
    return unicodedata.category(chr(code)) == "Co"
