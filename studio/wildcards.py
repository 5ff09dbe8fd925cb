"""Wildcards: `{a|b|c}` draws one of its alternatives, `__name__` one line of a text file, by a seed and always alike.

Alternatives may be empty and may hold wildcards again, and so may lines; a line that is empty or begins with `#` is
never drawn. All else stays as it was written: braces without a bar between them, lone braces and bars, and a name right
behind a letter or a digit, as in `snake__case__name`. A backslash before `{`, `|`, `}` or `_` makes it an ordinary
character and goes, but stays in a text that has no wildcards and would have none without its backslashes.
"""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from studio.errors import WildcardError

MOST_BYTES = 2**20
"""The largest file that is drawn from."""

MOST_DRAWN = 100_000
"""How many characters the lines that one text draws may have together."""

DEEPEST = 20
"""How many files may lead from one to the next."""

_NAME = r"[^\W_]+(?:[-_/][^\W_]+)*"
_FILE = re.compile(f"__({_NAME})__")
_ESCAPE = re.compile(r"\\([{|}_])")
_SIGN = re.compile(r"[{|}_]")
_TOKEN = re.compile(rf"(\\[{{|}}_]|[{{|}}]|(?<![A-Za-z0-9])__{_NAME}__)")


@dataclass(frozen=True, slots=True)
class _Choice:
    alternatives: Sequence[Sequence["_Node"]]


@dataclass(frozen=True, slots=True)
class _File:
    name: str


_Node = str | _Choice | _File


@dataclass(frozen=True, slots=True)
class Wildcards:
    """The wildcard files of a folder; they are read when they are drawn from, so that a change counts at once."""

    folder: Path

    def check(self, text: str) -> None:
        """Raise WildcardError if a file that the text names cannot be drawn from, whether a seed draws it or not."""
        named = {node.name for node in map(_leaf, _TOKEN.split(text)) if isinstance(node, _File)}
        for name in sorted(named):
            self._lines(name)

    def resolve(self, text: str, seed: int, place: str, longest: int = MOST_DRAWN) -> str:
        """The text with its wildcards drawn; `place`, a parameter's name, lets equal texts of a job draw differently.

        Raises WildcardError; also for a text of more than `longest` characters, unless it was that long before.
        """
        draw = random.Random(f"{seed}/{place}").choice
        lines = cache(self._lines)
        done, drawn = list[str](), 0
        todo = [*_next(_parse(text), ())]
        while todo:  # not a recursion: how deep braces stand in each other is up to the user
            node, files = todo.pop()
            match node:
                case str():
                    done.append(node)
                case _Choice(alternatives):
                    todo += _next(draw(alternatives), files)
                case _File(name):
                    line = draw(lines(name))
                    drawn += len(line)
                    _refuse_more_than(MOST_DRAWN, drawn)
                    todo += _next(_parse(line), _followed(files, name))
        result = "".join(done)
        _refuse_more_than(max(longest, len(text)), len(result))
        return result

    def _lines(self, name: str) -> Sequence[str]:
        path, called = self.folder / f"{name}.txt", _called(name)
        try:
            if not path.is_file():
                raise WildcardError(
                    f"There is no wildcard file {called}: make it in {self.folder}, one alternative a line."
                )
            if not path.resolve().is_relative_to(self.folder.resolve()):
                raise WildcardError(f"The wildcard file {called} is a link out of {self.folder}: put a copy there.")
            with path.open("rb") as file:
                content = file.read(MOST_BYTES + 1)
        except OSError as error:
            reason = f"cannot be read ({error.strerror}): see that the studio may read it."
            raise WildcardError(f"The wildcard file {called} in {self.folder} {reason}") from error
        if len(content) > MOST_BYTES:
            raise WildcardError(f"The wildcard file {called} has more than {MOST_BYTES} bytes: make two files of it.")
        return _drawable(content, called)


def escaped(text: str) -> str:
    """The text to write for this one to be drawn; a text that would be left alone is written as it is.

    Backslashes that were to stay would go as well, were it not for a choice that draws nothing either way.
    """
    if _parse(text) == [text]:
        return text
    written = _TOKEN.sub(lambda token: _SIGN.sub(r"\\\g<0>", token[0]), text)
    return f"{{|}}{written}" if _parse(written) == [written] else written


def _drawable(content: bytes, called: str) -> Sequence[str]:
    """The lines of a file that can be drawn; there is at least one."""
    not_text = WildcardError(f"The wildcard file {called} is not UTF-8 text: save it as such.")
    if b"\0" in content:  # UTF-16 passes for UTF-8 but for these, and PostgreSQL keeps none
        raise not_text
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise not_text from error
    lines = [line for raw in text.splitlines() if (line := raw.strip()) and not line.startswith("#")]
    if not lines:
        raise WildcardError(f"The wildcard file {called} has no line to draw: write one alternative a line.")
    return lines


def _parse(text: str) -> Sequence[_Node]:
    """The parts of a text; one without wildcards, with its backslashes and without them, is one part as it stands."""
    nodes, bare = _nodes(text), _nodes(_ESCAPE.sub(r"\1", text))
    return [text] if all(isinstance(node, str) for node in (*nodes, *bare)) else nodes


def _nodes(text: str) -> Sequence[_Node]:
    tokens = _TOKEN.split(text)
    marks = _choice_marks(tokens)
    open_choices: list[list[list[_Node]]] = [[[]]]
    for place, token in enumerate(tokens):
        if place not in marks:
            open_choices[-1][-1].append(_leaf(token))
        elif token == "{":
            open_choices.append([[]])
        elif token == "|":
            open_choices[-1].append([])
        else:
            choice = _Choice(open_choices.pop())
            open_choices[-1][-1].append(choice)
    return open_choices[0][0]


def _choice_marks(tokens: Sequence[str]) -> set[int]:
    """Where the braces and bars of choices stand: two braces that have a bar of their own between them."""
    marks = set[int]()
    open_braces: list[list[int]] = []
    for place, token in enumerate(tokens):
        if token == "{":
            open_braces.append([place])
        elif token == "|" and open_braces:
            open_braces[-1].append(place)
        elif token == "}" and open_braces:
            first, *bars = open_braces.pop()
            marks.update((first, *bars, place) if bars else ())
    return marks


def _leaf(token: str) -> _Node:
    named = _FILE.fullmatch(token)
    return _File(named[1]) if named else _ESCAPE.sub(r"\1", token)


def _next(nodes: Sequence[_Node], files: tuple[str, ...]) -> Iterator[tuple[_Node, tuple[str, ...]]]:
    """The nodes as a stack takes them, first on top, each with the files that led to it."""
    return ((node, files) for node in reversed(nodes))


def _followed(files: tuple[str, ...], name: str) -> tuple[str, ...]:
    followed = (*files, name)
    if name in files:
        way = " → ".join(map(_called, followed[files.index(name) :]))
        raise WildcardError(f"Wildcard files lead in a circle, {way}: take one of these names out of its file.")
    if len(followed) > DEEPEST:
        raise WildcardError(f"More than {DEEPEST} wildcard files lead from one to the next: take some out.")
    return followed


def _refuse_more_than(most: int, length: int) -> None:
    if length > most:
        raise WildcardError(f"What the wildcards draw is longer than {most} characters: shorten it.")


def _called(name: str) -> str:
    return f"{name if len(name) <= 60 else name[:59] + '…'}.txt"
