"""The files that make the page's look: stylesheet and scripts, read when a component or the page is built."""

from pathlib import Path

FOLDER = Path(__file__).parent


def read(name: str) -> str:
    """The text of one of these files."""
    return (FOLDER / name).read_text(encoding="utf-8")
