"""What the page's scripts take for granted of an answer, as they are checked, is what the endpoints say."""

from scripts.api_types import FILE, declarations


def test_the_scripts_are_checked_against_the_types_that_the_endpoints_have() -> None:
    assert FILE.read_text(encoding="utf-8") == declarations(), "run scripts/api_types.py"
