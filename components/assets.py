"""The page's scripts and styles, each beside its component.

The script of a JS component is read when the component is built; all other scripts are ES modules.
"""

from functools import cache
from pathlib import Path

from components.bundle import ENTRY, imported

FOLDER = Path(__file__).parent


def read(name: str) -> str:
    """The text of one of them, by its path in this folder, such as library/stage.js."""
    return (FOLDER / name).read_text(encoding="utf-8")


def script(name: str, before: str = "") -> str:
    """The script of a JS component, with `before` in front of it; one that fails as it begins tells the user."""
    begun = f"{before}{read(f'{name}.js')}"
    return f"try {{\n{begun}\n}} catch (error) {{\n  window.studioCannotStart();\n  throw error;\n}}"


@cache
def modules() -> dict[str, str]:
    """The modules that the page loads and their texts, by their paths in this folder."""
    found: dict[str, str] = {}
    waiting = [ENTRY]
    for name in waiting:
        if name not in found:
            found[name] = read(name)
            waiting += imported(name, found[name])
    return found
