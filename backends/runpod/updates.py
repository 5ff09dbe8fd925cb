"""What a run tells while it is in progress: a handler may send words, a number, or an object of both."""

import math
import re
from dataclasses import dataclass
from typing import Any

_STEPS = re.compile(r"(\d{1,6})\s*(?:/|of)\s*(\d{1,6})")
_PERCENT = re.compile(r"(\d{1,3}(?:\.\d+)?)\s*%")
_MOST = 0.98  # what is left is for fetching the result


@dataclass(frozen=True, slots=True)
class Update:
    """How far a run is, which never goes back."""

    fraction: float = 0.0
    words: str = ""
    step: int | None = None
    of: int | None = None

    def after(self, state: str, output: Any) -> "Update":
        """The next one, when a run in this state tells this."""
        if state == "IN_QUEUE":
            return Update(self.fraction, "Waiting for a worker at RunPod")
        told = output if isinstance(output, dict) else {}
        words = _words(output if isinstance(output, str) else told.get("message") or told.get("status"))
        step, of = _steps(told, words)
        reached = step / of if step is not None and of else _share(output, told, words)
        return Update(max(self.fraction, min(reached, _MOST)), words or "Running at RunPod", step, of)


def _words(said: object) -> str:
    return " ".join(said.split())[:200] if isinstance(said, str) else ""


def _steps(told: dict[str, Any], words: str) -> tuple[int | None, int | None]:
    """Step and number of steps, where both are there and fit."""
    step, of = told.get("step"), told.get("of") or told.get("steps") or told.get("total")
    if (found := _STEPS.search(words)) and step is None:
        step, of = int(found[1]), int(found[2])
    whole = all(isinstance(one, int) and not isinstance(one, bool) for one in (step, of))
    return (step, of) if whole and 0 <= step <= of and of > 0 else (None, None)  # type: ignore[operator]


def _share(output: Any, told: dict[str, Any], words: str) -> float:
    """From 0 to 1; a number above 1 is percent."""
    number = output if not told else told.get("progress", told.get("percent"))
    if found := _PERCENT.search(words):
        return min(float(found[1]) / 100, 1.0)
    if isinstance(number, bool) or not isinstance(number, int | float) or not math.isfinite(number):
        return 0.0
    return min(max(number / 100 if number > 1 else float(number), 0.0), 1.0)
