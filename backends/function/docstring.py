"""Descriptions and helps from a docstring in the style of Google, NumPy or Sphinx."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from inspect import cleandoc

_GOOGLE = re.compile(r"(Args|Arguments|Parameters|Returns?|Yields?|Raises|Examples?|Notes?):\s*")
_NUMPY = re.compile(r"(Parameters|Returns?|Yields?|Raises|Examples?|Notes?)\s*\n-{3,}\s*\n")
_SPHINX = re.compile(r":(?:param|parameter|arg|argument)\s+(?:[^:]*\s)?\*{0,2}(\w+)\s*:\s*(.*)")
_ENTRY = re.compile(r"\*{0,2}(\w+)\s*(?:\([^)]*\))?\s*:\s*(.*)")


@dataclass(frozen=True, slots=True)
class Docstring:
    """What is said before any section, and about each parameter."""

    description: str
    helps: Mapping[str, str]


def read(text: str) -> Docstring:
    """Whatever the text says, it is read: what is no section is description."""
    text = _NUMPY.sub(lambda found: f"{found[1]}:\n", cleandoc(text))
    description, helps = list[str](), dict[str, str]()
    section = ""
    for line, below in _with_what_is_below(text.splitlines()):
        if heading := _GOOGLE.fullmatch(line):
            section = heading[1]
        elif sphinx := _SPHINX.fullmatch(line):
            helps[sphinx[1]] = _joined([sphinx[2], *below])
        elif section in ("Args", "Arguments", "Parameters"):
            helps |= _entries([line, *below])
        elif not section and not line.startswith(":"):
            description += [line, *below]
        if heading and section in ("Args", "Arguments", "Parameters"):
            helps |= _entries(cleandoc("\n" + "\n".join(below)).splitlines())
    return Docstring(_joined(description), helps)


def _with_what_is_below(lines: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Each line that is not indented, with those that are and follow it."""
    blocks: list[tuple[str, list[str]]] = []
    for line in lines:
        if line[:1].isspace() and blocks:
            blocks[-1][1].append(line)
        elif not line and blocks:
            blocks[-1][1].append("")
        else:
            blocks.append((line, []))
    yield from blocks


def _entries(lines: list[str]) -> dict[str, str]:
    """`name (type): help` as Google has it, `name : type` above its help as NumPy does."""
    helps: dict[str, str] = {}
    for line, below in _with_what_is_below(lines):
        if entry := _ENTRY.fullmatch(line):
            is_type = line.partition(":")[0].endswith(" ") and any(below)
            helps[entry[1]] = _joined(below if is_type else [entry[2], *below])
    return helps


def _joined(lines: list[str]) -> str:
    return " ".join(" ".join(lines).split())
