"""Braces with a bar between them that are plainly no choice: those of JSON, code, LaTeX and templates."""

import json
import re
from collections.abc import Collection, Iterator

Group = tuple[int, int]
"""Where an opening brace of a text stands, and the one that closes it."""

_DECODER = json.JSONDecoder()
_OBJECT = re.compile(r'(?<!\\)\{\s*"')
_QUOTED = r"""(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
_QUOTED_KEY = re.compile(rf"\{{\s*{_QUOTED}\s*:", re.DOTALL)
_BARE_KEY = re.compile(r"""\{\s*[\w$]+\s*:\s*["'\[]""")
_STRING = re.compile(_QUOTED, re.DOTALL)
_CODE = re.compile(r";\s*\}|;[ \t]*[\r\n]")
_COMMAND = re.compile(r"(?:\\[A-Za-z]+\*?|\^)(?:\[[^\[\]]*\])?$")
_LONGEST_COMMAND = 100
_TAG = re.compile(r"\{([%#])-?\s")
_EXPRESSION = re.compile(r"\{\{-?\s")
_EXPRESSION_END = re.compile(r"\s-?\}\}")


def json_spans(text: str) -> Iterator[Group]:
    """From where to where the text holds objects of JSON; a list when it is the whole text."""
    if text.lstrip().startswith("[") and _json_end(text, len(text) - len(text.lstrip())) == len(text.rstrip()):
        yield 0, len(text)
        return
    done = 0
    for found in _OBJECT.finditer(text):
        end = _json_end(text, found.start()) if found.start() >= done else None
        if end is not None:
            yield found.start(), end
            done = end


def _json_end(text: str, start: int) -> int | None:
    try:
        return _DECODER.raw_decode(text, start)[1]
    except (ValueError, RecursionError):
        return None


def without_choice(text: str, groups: Collection[Group]) -> set[Group]:
    """Those of all the groups of a text that are plainly no choice."""
    latex = _arguments(text, groups)
    others = latex | _code(text, groups)
    return {one for one in groups if one in others or _is_object(text, *one) or _is_template(text, *one)}


def _arguments(text: str, groups: Collection[Group]) -> set[Group]:
    """What LaTeX's commands take: the group behind a command, and each that follows such a one at once."""
    found = dict[int, Group]()
    for start, end in sorted(groups):
        if start in found or _COMMAND.search(text, max(0, start - _LONGEST_COMMAND), start):
            found[end + 1] = (start, end)
    return set(found.values())


def _is_object(text: str, start: int, end: int) -> bool:
    """Whether it begins as objects of JSON, Python and JavaScript do; with a bare key, if all bars are in strings."""
    if _QUOTED_KEY.match(text, start, end):
        return True
    return bool(_BARE_KEY.match(text, start, end)) and "|" not in _STRING.sub("", text[start:end])


def _is_template(text: str, start: int, end: int) -> bool:
    if tag := _TAG.match(text, start):
        return text[end - 1] == tag[1]
    starts = start > 0 and _EXPRESSION.match(text, start - 1)
    return bool(starts and any(_EXPRESSION_END.match(text, end - back) for back in (1, 2)))


def _code(text: str, groups: Collection[Group]) -> set[Group]:
    """The groups in which a statement ends."""
    found, open_groups = set[Group](), list[Group]()
    starts = sorted(groups, reverse=True)
    for mark in _CODE.finditer(text):
        while starts and starts[-1][0] < mark.start():
            open_groups.append(starts.pop())
        while open_groups and open_groups[-1][1] < mark.start():
            open_groups.pop()
        found.update(open_groups[-1:])
    return found
