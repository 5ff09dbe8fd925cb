"""Describes a file with a function in a process of its own, once for each content of the file.

The page never imports a user's file: that may take long, fill the memory or end the process. So a short-lived process
does, and what it finds is kept until the file, or one beside it that it imports, changes.
"""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from backends.describing import DescribeError, Description
from backends.function import failures, source
from backends.function.signature import described

ROOT = Path(__file__).parents[2]
SECONDS = 300
"""How long an import may take: large libraries need some tens of seconds from a slow disk."""


def takes(text: str) -> bool:
    """Whether it names a Python file, as `my_model.py` or `my_model.py:generate`."""
    return source.split(text)[0].suffix == ".py"


def describe(text: str, environment: Mapping[str, str], cache: Path | None = None) -> Description:
    """The data of the model file; with a folder as cache, from there while the file is as it was."""
    path, name = source.split(text)
    path = path.expanduser().absolute()
    if not path.is_file():
        raise DescribeError(f"there is no file {path}")
    kept = cache and cache / f"{hashlib.sha256(f'{path}:{name}'.encode(errors='surrogateescape')).hexdigest()}.json"
    if kept and (known := _current(kept)):
        return known
    found = _in_a_process(path, name, environment)
    if kept:
        _keep(kept, found)
    return _description(found)


def _in_a_process(path: Path, name: str, environment: Mapping[str, str]) -> dict[str, Any]:
    # Not from the folder that the studio was started in, whose files could take the place of the studio's own.
    command = [sys.executable, "-P", "-m", "backends.function.describe", str(path), name]
    places = os.pathsep.join(filter(None, (str(ROOT), environment.get("PYTHONPATH"))))
    with TemporaryDirectory() as folder:
        answer = Path(folder) / "answer.json"
        try:
            ended = subprocess.run(
                [*command, str(answer)],
                env={**environment, "PYTHONPATH": places},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise DescribeError(
                f"its import takes more than {SECONDS} s: put what computes into the function"
            ) from None
        if not answer.is_file():
            raise DescribeError(f"its import ended the process (exit code {ended.returncode})")
        found: dict[str, Any] = json.loads(answer.read_text(encoding="utf-8"))
    if "reason" in found:
        raise DescribeError(found["reason"], found["line"])
    return found


def _description(found: Mapping[str, Any]) -> Description:
    description: Description = found["description"]
    return description


# --- what is kept ----------------------------------------------------------------------------------------------------


def _current(kept: Path) -> Description | None:
    """What is kept, unless a file or the studio has changed; a damaged record is as good as none."""
    try:
        found = json.loads(kept.read_text(encoding="utf-8"))
        same = found["studio"] == _studio() and all(source.digest(Path(p)) == d for p, d in found["digests"].items())
        return _description(found) if same else None
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None


def _keep(kept: Path, found: Mapping[str, Any]) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True)
    written = kept.with_suffix(f".{os.getpid()}")
    written.write_text(json.dumps({**found, "studio": _studio()}), encoding="utf-8")
    written.replace(kept)  # a worker may look at the same moment


@cache
def _studio() -> str:
    """What the description follows from besides the file."""
    parts = sorted(Path(__file__).parent.glob("*.py"))
    return hashlib.sha256(sys.version.encode() + b"".join(part.read_bytes() for part in parts)).hexdigest()


# --- the process -----------------------------------------------------------------------------------------------------


def _answer(path: Path, name: str) -> dict[str, Any]:
    try:
        found_name, function = source.function_of(source.load(path), name)
        chosen = name if name not in ("", source.PREFERRED) else ""
        found = described(function, f"{path}:{found_name}", chosen)
        made_of = {str(file): digest for file, digest in source.digests(path).items()}
        return json.loads(json.dumps({"description": found, "digests": made_of}))  # type: ignore[no-any-return]
    except DescribeError as error:
        return {"reason": error.reason, "line": error.line}
    except (Exception, SystemExit) as error:
        reason = f"it cannot be imported: {failures.sentence(error).rstrip('.')}"
        return {"reason": reason, "line": failures.line(error, path)}


if __name__ == "__main__":
    found = json.dumps(_answer(Path(sys.argv[1]), sys.argv[2]))
    Path(sys.argv[3]).write_text(found, encoding="utf-8")
    os._exit(0)  # a user's threads and exit handlers are nothing to wait for
