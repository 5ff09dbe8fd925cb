"""The page's scripts and styles, each beside its component; they are read when that or the page is built."""

from pathlib import Path

FOLDER = Path(__file__).parent


def read(name: str) -> str:
    """The text of one of them, by its path in this folder, such as library/stage.js."""
    return (FOLDER / name).read_text(encoding="utf-8")


def script(name: str, before: str = "") -> str:
    """The script of a drawn component, with `before` in front of it; one that fails as it begins tells the user."""
    begun = f"{before}{read(f'{name}.js')}"
    return f"try {{\n{begun}\n}} catch (error) {{\n  window.studioCannotStart();\n  throw error;\n}}"
