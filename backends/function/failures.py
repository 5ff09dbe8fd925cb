"""An exception in a user's code as a sentence, with the traceback that its author wants to see."""

import traceback
from pathlib import Path
from types import TracebackType

_LONGEST = 300
_SENTENCE_ENDS = (".", "!", "?")


def sentence(error: BaseException) -> str:
    """Its own words where they are words, else its type too."""
    first = next((line.strip() for line in str(error).splitlines() if line.strip()), "")
    words = (" " in first or first.endswith(_SENTENCE_ENDS)) and not isinstance(error, KeyError)
    told = first if words else f"{type(error).__name__}: {first}".strip(": ")
    told = f"{told[:_LONGEST]}…" if len(told) > _LONGEST else told
    return told if told.endswith(_SENTENCE_ENDS) else f"{told}."


def within(error: BaseException, path: Path) -> TracebackType | None:
    """The traceback from where it enters the file; `None` when it never does."""
    step = error.__traceback__
    while step is not None and Path(step.tb_frame.f_code.co_filename) != path:
        step = step.tb_next
    return step


def detail(error: BaseException, path: Path) -> str:
    """The traceback without the studio's own part of it."""
    return "".join(traceback.format_exception(type(error), error, within(error, path)))


def line(error: BaseException, path: Path) -> int | None:
    """The last line of the file that the error passed through."""
    if isinstance(error, SyntaxError) and error.filename == str(path):
        return error.lineno
    found, step = None, within(error, path)
    while step is not None:
        if Path(step.tb_frame.f_code.co_filename) == path:
            found = step.tb_lineno
        step = step.tb_next
    return found
