"""Writes components/api_types.d.ts: the types of what the endpoints answer, for the checker of the page's scripts.

Run it from the repository's root: PYTHONPATH=. .venv/bin/python scripts/api_types.py
"""

from collections.abc import Iterator
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from typing_extensions import get_original_bases, is_typeddict

from components import api_types
from components.endpoints import Endpoints

FILE = Path(__file__).parents[1] / "components" / "api_types.d.ts"
HEAD = "/* What the endpoints answer. Written by scripts/api_types.py from api_types.py and endpoints.py. */\n"
NAMES = {str: "string", int: "number", float: "number", bool: "boolean", NoneType: "null", Any: "unknown"}


def declarations() -> str:
    """The text of the file: a namespace `Api` with a type for each of api_types.py, and the answers by endpoint."""
    shapes = [one for one in vars(api_types).values() if is_typeddict(one)]
    answers = {name: get_type_hints(getattr(Endpoints, name))["return"] for name in _endpoints()}
    interfaces = [_shape(one) for one in shapes]
    return "\n".join([HEAD, "declare namespace Api {", *interfaces, _interface("Answers", answers) + "}", ""])


def _endpoints() -> Iterator[str]:
    return (name for name in vars(Endpoints) if not name.startswith("_") and name != "add_to")


def _shape(shape: type) -> str:
    bases = [one for one in get_original_bases(shape) if is_typeddict(one)]
    inherited = {field for base in bases for field in get_type_hints(base)}
    own = {field: hint for field, hint in get_type_hints(shape).items() if field not in inherited}
    extends = f" extends {', '.join(base.__name__ for base in bases)}" if bases else ""
    return _interface(f"{shape.__name__}{extends}", own)


def _interface(name: str, fields: dict[str, Any]) -> str:
    lines = (f"    {field}: {_type(hint)};\n" for field, hint in fields.items())
    return f"  interface {name} {{\n{''.join(lines)}  }}\n"


def _type(hint: Any) -> str:
    of = get_args(hint)
    match get_origin(hint):
        case None:
            return hint.__name__ if is_typeddict(hint) else NAMES[hint]
        case origin if origin is Literal:
            return " | ".join(f'"{value}"' for value in of)
        case origin if origin in (Union, UnionType):
            return " | ".join(map(_type, of))
        case origin if origin is list:
            items = _type(of[0])
            return f"({items})[]" if " | " in items else f"{items}[]"
        case origin if origin is dict:
            return f"Record<{_type(of[0])}, {_type(of[1])}>"
        case origin:
            raise TypeError(f"no type of TypeScript for {origin}")


if __name__ == "__main__":
    FILE.write_text(declarations(), encoding="utf-8")
