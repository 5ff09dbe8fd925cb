"""Read how a file was made: `read(content)`, or `python -m interchange.read FOLDER` for many files.

The command prints a JSON object on one line for each file, without the fields that are unknown.
"""

import argparse
import json
import sys
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

from interchange import fooocus_log
from interchange.containers import stealth, texts
from interchange.fields import Fields
from interchange.metadata import Metadata
from interchange.tools import fields_of

_PRINTED = ("tool", "prompt", "negative_prompt", "seed", "steps", "guidance", "width", "height", "model")
SIDECAR_SUFFIXES = (".swarm.json", ".json", ".txt")
"""The suffixes of a sidecar, a tool's text file beside its picture, each in place of the picture's own."""


def read(content: bytes, sidecar: bytes = b"") -> Fields | None:
    """The fields of a file, or of its `sidecar` where the file itself has no prompt; None where neither has any.

    Raises nothing, whatever the bytes are.
    """
    fields = fields_of(Metadata(texts(content)))
    if sidecar and (fields is None or fields.prompt is None):
        in_sidecar = fields_of(Metadata(texts(sidecar)))
        fields = in_sidecar.filled_from(fields) if in_sidecar else fields
    if fields is None:
        hidden = dict(stealth.texts(content))
        fields = fields_of(Metadata({"parameters": hidden["stealth"]})) if hidden else None
    return fields


def report(files: Iterable[Path], folder: Path) -> Iterable[dict[str, Any]]:
    """What the command prints of each file, its path relative to the folder."""
    for path in files:
        try:
            fields = read(path.read_bytes(), _sidecar(path))
        except Exception as error:  # whatever is wrong with one file, the others are still read
            print(f"{path}: {error!r}", file=sys.stderr)
            fields = None
        known = {name: value for name in _PRINTED if (value := getattr(fields, name, None)) is not None}
        yield {"file": path.relative_to(folder).as_posix(), **known}


def _sidecar(path: Path) -> bytes:
    candidates = (path.with_suffix(suffix) for suffix in SIDECAR_SUFFIXES)
    found = next((one.read_bytes() for one in candidates if one != path and one.is_file()), b"")
    return found or _log_entries(path.parent).get(fooocus_log.key(path.name), b"")


@lru_cache(maxsize=1)
def _log_entries(folder: Path) -> dict[str, bytes]:
    log = folder / fooocus_log.NAME
    return fooocus_log.parse(log.read_bytes()) if log.is_file() else {}


def main() -> None:
    """The command: reads all files below a folder, in the order of their paths."""
    parser = argparse.ArgumentParser(prog="python -m interchange.read", description=__doc__)
    parser.add_argument("folder", type=Path, help="every file in it and below is read")
    folder: Path = parser.parse_args().folder
    for line in report(sorted(path for path in folder.rglob("*") if path.is_file()), folder):
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
