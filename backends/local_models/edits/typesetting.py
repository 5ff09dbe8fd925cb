"""Lines of text: where they break, which way their letters run, and where each piece of one font stands."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby, pairwise
from typing import Any, Literal

from bidi import algorithm
from uniseg.linebreak import line_break_units

from backends.local_models.edits import fonts
from backends.local_models.edits.fonts import Font, Letter

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Piece:
    """Letters of one line that are drawn in one go."""

    text: str
    font: Font
    is_leftward: bool

    def direction(self) -> Literal["ltr", "rtl"] | None:
        """As Pillow wants it told."""
        if not fonts.can_shape():
            return None
        return "rtl" if self.is_leftward else "ltr"

    def length(self, size: float) -> float:
        """Its advance width in pixels, in a font of this size in pixels."""
        return self.font.at(size).getlength(fonts.shown(self.text), direction=self.direction())

    def box(self, size: float, outline: int) -> Box:
        """What it covers, seen from the beginning of its base line."""
        font, text = self.font.at(size), fonts.shown(self.text)
        return font.getbbox(text, direction=self.direction(), stroke_width=outline, anchor="ls")


@dataclass(frozen=True, slots=True)
class Placed:
    """A piece, and where its base line begins."""

    x: float
    y: float
    piece: Piece


@dataclass(frozen=True, slots=True)
class Block:
    """A whole text as it is drawn, and what it covers; where it stands in the picture is not said."""

    placed: Sequence[Placed]
    box: Box


def block(text: str, size: float, width: float, outline: int, align: float) -> Block:
    """The text in lines no wider than `width`, if a single letter is not; `align` is 0 for left and 1 for right."""
    lines = [pieces(letters, base) for letters, base in _lines(text, size, width)]
    widest = max((_length(line, size) for line in lines), default=0)
    placed, y, below = list[Placed](), 0.0, 0.0
    for index, line in enumerate(lines):
        top = min((piece.box(size, outline)[1] for piece in line), default=0)
        if index:
            y += max(size * 1.2, below - top + size * 0.1)
        below = max((piece.box(size, outline)[3] for piece in line), default=0)
        starts = accumulate((piece.length(size) for piece in line), initial=(widest - _length(line, size)) * align)
        placed += [Placed(x, y, piece) for x, piece in zip(starts, line, strict=False)]
    return Block(placed, _union(placed, size, outline))


def _union(placed: Sequence[Placed], size: float, outline: int) -> Box:
    boxes = [(one, one.piece.box(size, outline)) for one in placed]
    inked = [(one.x + left, one.y + top, one.x + right, one.y + bottom) for one, (left, top, right, bottom) in boxes]
    if not inked:
        return 0, 0, 0, 0
    lefts, tops, rights, bottoms = zip(*inked, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def _length(line: Sequence[Piece], size: float) -> float:
    return sum(piece.length(size) for piece in line)


def base_level(text: str) -> int:
    """0 for a paragraph that is written from the left, 1 for one from the right: its first letter says."""
    return int(algorithm.get_base_level(text))


def pieces(letters: Sequence[Letter], base: int) -> list[Piece]:
    """The letters of a line, from left to right, as pieces of one font and one direction."""
    levels = _levels("".join(cluster for cluster, _ in letters), base)
    starts = accumulate((len(cluster) for cluster, _ in letters), initial=0)
    levelled = [(levels[start], font, cluster) for start, (cluster, font) in zip(starts, letters, strict=False)]
    runs = [
        (level, Piece("".join(cluster for _, _, cluster in run), font, is_leftward=level % 2 == 1))
        for (level, font), run in groupby(levelled, key=lambda one: one[:2])
    ]
    return [piece for _, piece in _reordered(runs)]


def _reordered(runs: list[tuple[int, Piece]]) -> list[tuple[int, Piece]]:
    """From the order of reading to that from left to right: rule L2 of Unicode's bidirectional algorithm."""
    for level in range(max((level for level, _ in runs), default=0), 0, -1):
        turned = list[tuple[int, Piece]]()
        for is_higher, group in groupby(runs, key=lambda one: one[0] >= level):
            run = [*group]
            turned += reversed(run) if is_higher else run
        runs = turned
    return runs


def _levels(text: str, base: int) -> list[int]:
    """The embedding level of every letter; what has none, such as a joiner, has that of the letter before."""
    storage: dict[str, Any] = algorithm.get_empty_storage()
    storage.update(base_level=base, base_dir="LR"[base])
    algorithm.get_embedding_levels(text, storage)
    for place, letter in enumerate(storage["chars"]):
        letter["place"] = place
        if letter["type"] in ("", "LRI", "RLI", "FSI", "PDI"):  # the library is of before isolates
            letter["type"] = letter["orig"] = "ON"
    algorithm.explicit_embed_and_overrides(storage)
    algorithm.resolve_weak_types(storage)
    algorithm.resolve_neutral_types(storage, False)
    algorithm.resolve_implicit_levels(storage, False)
    known = {letter["place"]: int(letter["level"]) for letter in storage["chars"]}
    levels = list[int]()
    for place in range(len(text)):
        levels.append(known.get(place, levels[-1] if levels else base))
    return levels


def _lines(text: str, size: float, width: float) -> Iterator[tuple[Sequence[Letter], int]]:
    """The lines of a text, each with the base level of its paragraph."""
    for paragraph in text.splitlines():
        base, letters = base_level(paragraph), fonts.choose(paragraph)
        ends = set(accumulate(map(len, line_break_units(paragraph))))
        places = accumulate(len(cluster) for cluster, _ in letters)
        breaks = {number for number, place in enumerate(places, 1) if place in ends}
        for start, end in pairwise(_cuts(letters, breaks, lambda line: _width(line, size) <= width)):
            yield _stripped(letters[start:end]), base


def _cuts(letters: Sequence[Letter], breaks: set[int], fits: Callable[[Sequence[Letter]], bool]) -> Iterator[int]:
    """Where lines begin and end: at the last place that allows a break, or else before the letter that is too much."""
    start, end, cut = 0, 1, 0
    yield start
    while end <= len(letters):
        if end - start > 1 and not fits(letters[start:end]):
            start = cut if cut > start else end - 1
            end = start + 1
            yield start
            continue
        if end in breaks:
            cut = end
        end += 1
    yield len(letters)


def _width(letters: Sequence[Letter], size: float) -> float:
    runs = groupby(_stripped(letters), key=lambda one: one[1])
    return sum(
        Piece("".join(cluster for cluster, _ in run), font, is_leftward=False).length(size) for font, run in runs
    )


def _stripped(letters: Sequence[Letter]) -> Sequence[Letter]:
    """Without the spaces at the end."""
    end = len(letters)
    while end and letters[end - 1][0].isspace():
        end -= 1
    return letters[:end]
