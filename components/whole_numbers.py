"""Whole numbers between the page and Python: a browser rounds those above 2^53, so they go as their digits in text."""

import re
from typing import Any

EXACT = 2**53 - 1
"""The largest whole number that a browser knows from its neighbours."""

_DIGITS = re.compile(r"-?[0-9]{16,40}")


def to_page(number: int) -> int | str:
    """The number, or its digits."""
    return number if abs(number) <= EXACT else str(number)


def from_page(value: Any) -> Any:
    """The number whose digits these are; anything else as it is."""
    return int(value) if isinstance(value, str) and _DIGITS.fullmatch(value) else value
