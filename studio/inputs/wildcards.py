"""Wildcards: `{a|b|c}` becomes one of its alternatives, `__name__` one line of a file; the same for the same seed.

Alternatives may be empty and may hold wildcards again, and so may lines; a line that is empty, or in which a space or
nothing follows the `#` it begins with, is never chosen. All else stays as it was written: braces without a bar between
them or plainly of another language, objects of JSON but for the names in them, lone braces and bars, and a name right
behind a letter or a digit, as in `snake__case__name`. A backslash before `{`, `|`, `}` or `_` makes it an ordinary
character and goes, but stays in a text that has no wildcards and would have none without its backslashes.
"""

import random
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from studio.errors import WildcardError
from studio.inputs.braces import Group, json_spans, without_choice

MOST_BYTES = 2**20
"""The largest wildcard file."""

MOST_CHARACTERS = 100_000
"""How many characters the lines that one text takes from files may have together."""

DEEPEST = 20
"""How many files may lead from one to the next."""

_NAME = r"(?![\s_])(?:\\[{|}_]|(?!__|\\[{|}_])[^{|}\r\n])+(?<!\s)"
_FILE = re.compile(rf"(?<![A-Za-z0-9])__({_NAME})__")
_ESCAPE = re.compile(r"\\([{|}_])")
_SIGN = re.compile(r"[{|}_]")
_TOKEN = re.compile(rf"\\[{{|}}_]|[{{|}}]|{_FILE.pattern}")
_WRITTEN = re.compile(rf"{_TOKEN.pattern}|__+")
_COMMENT = re.compile(r"#+(?:\s|$)")


@dataclass(frozen=True, slots=True)
class _Choice:
    alternatives: Sequence[Sequence["_Node"]]


@dataclass(frozen=True, slots=True)
class _File:
    name: str


@dataclass(frozen=True, slots=True)
class _Sign:
    """A brace or a bar, which may belong to a choice."""

    sign: str
    place: int


_Node = str | _Choice | _File
_Token = str | _File | _Sign


@dataclass(frozen=True, slots=True)
class Wildcards:
    """The wildcard files of a folder; each is read when a text is resolved, so that a change counts at once."""

    folder: Path

    def check(self, text: str) -> None:
        """Raise WildcardError if a file that the text names cannot be used, whether a seed chooses it or not."""
        named = {token.name for token in _tokens(text) if isinstance(token, _File)}
        for name in sorted(named):
            self._lines(name)

    def resolve(self, text: str, seed: int, place: str, longest: int = MOST_CHARACTERS) -> str:
        """The text with its wildcards resolved; `place`, a parameter's name, lets equal texts of a job differ.

        Raises WildcardError; also for a text of more than `longest` characters, unless it was that long before.
        """
        choose = random.Random(f"{seed}/{place}").choice
        lines = cache(self._lines)
        done, taken = list[str](), 0
        todo = [*_next(_parse(text), ())]
        while todo:  # not a recursion: how deep braces stand in each other is up to the user
            node, files = todo.pop()
            match node:
                case str():
                    done.append(node)
                case _Choice(alternatives):
                    todo += _next(choose(alternatives), files)
                case _File(name):
                    line = choose(lines(name))
                    taken += len(line)
                    _refuse_more_than(MOST_CHARACTERS, taken)
                    todo += _next(_parse(line), _followed(files, name))
        result = "".join(done)
        _refuse_more_than(max(longest, len(text)), len(result))
        return result

    def _lines(self, name: str) -> Sequence[str]:
        called = _called(name)
        try:
            path = self._path(name)
            if path is None:
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
        return _alternatives(content, called)

    def _path(self, name: str) -> Path | None:
        """The file of a name, however its letters are composed and its ending is written; None if there is none."""
        *folders, last = name.split("/")
        if not last or any(one in ("", ".", "..") for one in folders):
            return None
        path = self.folder / f"{name}.txt"
        if path.is_file():
            return path
        found = [self.folder]
        for one in folders:
            found = [entry for folder in found for entry in _entries(folder) if _same(entry.name, one)]
        files = (entry for folder in found for entry in _entries(folder) if entry.suffix.lower() == ".txt")
        return next((file for file in files if _same(file.stem, last) and file.is_file()), None)


def _entries(folder: Path) -> Sequence[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _same(one: str, other: str) -> bool:
    return unicodedata.normalize("NFC", one) == unicodedata.normalize("NFC", other)


def escaped(text: str) -> str:
    """The text with wildcards that resolves to this one; a text without any is written as it is.

    Where the backslashes of the text itself would be lost, `{|}` before it, a choice of nothing, keeps them.
    """
    if _parse(text) == [text]:
        return text
    written = _WRITTEN.sub(lambda token: _SIGN.sub(r"\\\g<0>", token[0]), text)
    return f"{{|}}{written}" if _parse(written) == [written] else written


def _alternatives(content: bytes, called: str) -> Sequence[str]:
    """The lines of a file that a seed chooses from; there is at least one."""
    not_text = WildcardError(f"The wildcard file {called} is not UTF-8 text: save it as such.")
    if b"\0" in content:  # UTF-16 passes for UTF-8 but for these, and PostgreSQL keeps none
        raise not_text
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise not_text from error
    lines = [line for raw in text.splitlines() if (line := raw.strip()) and not _COMMENT.match(line)]
    if not lines:
        raise WildcardError(f"The wildcard file {called} has no line to choose: write one alternative a line.")
    return lines


def _parse(text: str) -> Sequence[_Node]:
    """The parts of a text; one without wildcards, with its backslashes and without them, is one part as it stands."""
    nodes, bare = _nodes(text), _nodes(_bare(text))
    return [text] if all(isinstance(node, str) for node in (*nodes, *bare)) else nodes


def _bare(text: str) -> str:
    """The text without its backslashes, but for those of JSON."""
    bare, done = "", 0
    for start, end in (*json_spans(text), (len(text), len(text))):
        bare += _ESCAPE.sub(r"\1", text[done:start]) + text[start:end]
        done = end
    return bare


def _nodes(text: str) -> Sequence[_Node]:
    tokens = _tokens(text)
    marks = _choice_marks(text, [token for token in tokens if isinstance(token, _Sign)])
    open_choices: list[list[list[_Node]]] = [[[]]]
    for token in tokens:
        match token:
            case _Sign(sign) if token not in marks:
                open_choices[-1][-1].append(sign)
            case _Sign("{"):
                open_choices.append([[]])
            case _Sign("|"):
                open_choices[-1].append([])
            case _Sign():
                choice = _Choice(open_choices.pop())
                open_choices[-1][-1].append(choice)
            case leaf:
                open_choices[-1][-1].append(leaf)
    return open_choices[0][0]


def _tokens(text: str) -> Sequence[_Token]:
    """The signs that choices are made of, the names of files, and all text between them, unescaped."""
    tokens, done = list[_Token](), 0
    for start, end in (*json_spans(text), (len(text), len(text))):
        tokens += _split(text, done, start, _TOKEN)
        tokens += _split(text, start, end, _FILE)
        done = end
    return tokens


def _split(text: str, start: int, end: int, pattern: re.Pattern[str]) -> Iterator[_Token]:
    """The tokens of a part of the text that the pattern finds, and what is between them."""
    done = start
    for found in pattern.finditer(text, start, end):
        yield text[done : found.start()]
        yield _token(found)
        done = found.end()
    yield text[done:end]


def _token(found: re.Match[str]) -> _Token:
    if found[1] is not None:
        return _File(_ESCAPE.sub(r"\1", found[1]))
    return found[0][1] if found[0].startswith("\\") else _Sign(found[0], found.start())


def _choice_marks(text: str, signs: Sequence[_Sign]) -> set[_Sign]:
    """The braces and bars of choices: two braces that have a bar of their own between them, if they look like one."""
    groups = dict[Group, Sequence[_Sign]]()
    open_groups: list[list[_Sign]] = []
    for sign in signs:
        if sign.sign == "{":
            open_groups.append([sign])
        elif open_groups:
            open_groups[-1].append(sign)
            if sign.sign == "}":
                group = open_groups.pop()
                groups[group[0].place, sign.place] = group
    others = without_choice(text, groups)
    return {sign for place, group in groups.items() if len(group) > 2 and place not in others for sign in group}


def _next(nodes: Sequence[_Node], files: tuple[str, ...]) -> Iterator[tuple[_Node, tuple[str, ...]]]:
    """The nodes as a stack takes them, first on top, each with the files that led to it."""
    return ((node, files) for node in reversed(nodes))


def _followed(files: tuple[str, ...], name: str) -> tuple[str, ...]:
    followed = (*files, name)
    if name in files:
        way = " → ".join(map(_called, followed[files.index(name) :]))
        raise WildcardError(f"Wildcard files lead in a cycle, {way}: take one of these names out of its file.")
    if len(followed) > DEEPEST:
        raise WildcardError(f"More than {DEEPEST} wildcard files lead from one to the next: take some out.")
    return followed


def _refuse_more_than(most: int, length: int) -> None:
    if length > most:
        raise WildcardError(f"What the wildcards resolve to is longer than {most} characters: shorten it.")


def _called(name: str) -> str:
    return f"{name if len(name) <= 60 else name[:59] + '…'}.txt"
