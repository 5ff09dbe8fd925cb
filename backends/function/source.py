"""Files with a model's function: imported once, and again when what stands in them has changed.

A module stays as long as its file is the same, so what it keeps, such as weights behind `functools.cache`, stays warm.
"""

import gc
import hashlib
import importlib
import re
import sys
import threading
import types
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import cache_from_source
from inspect import isfunction
from pathlib import Path
from typing import Any

from backends.describing import DescribeError

PREFERRED = "generate"
"""The function that is the model in a file with several."""


@dataclass(frozen=True, slots=True)
class _Loaded:
    """A module, and what it was made of: its file and those of the same folder that it imports."""

    module: types.ModuleType
    digests: Mapping[Path, str]

    @property
    def is_current(self) -> bool:
        return all(digest(path) == known for path, known in self.digests.items())


_loaded: dict[Path, _Loaded] = {}
_imported: set[str] = set()
"""The modules that were imported because a user's file wants them; all others are the studio's to keep."""

_lock = threading.Lock()


def split(source: str) -> tuple[Path, str]:
    """The file and, after a colon, the function that is meant; that is empty where none is named."""
    found = re.fullmatch(r"(.*\.py):(\w+)", source, re.DOTALL)
    return (Path(found[1]), found[2]) if found else (Path(source), "")


def digest(path: Path) -> str:
    """What the file holds, as SHA-256; empty when it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def load(path: Path) -> types.ModuleType:
    """The file as a module, run again when it has changed; whatever it raises is raised."""
    with _lock:
        known = _loaded.get(path)
        if known is not None and known.is_current:
            return known.module
        if known is not None:
            _forget(path)
            del _loaded[path], known
            gc.collect()  # what the old code kept, such as weights, makes room for what the new code loads
        return _run(path)


def digests(path: Path) -> Mapping[Path, str]:
    """What a loaded file is made of."""
    return _loaded[path].digests


def _run(path: Path) -> types.ModuleType:
    content = path.read_bytes()
    name = f"studio_model_{path.stem}_{hashlib.sha256(bytes(path)).hexdigest()[:8]}"
    module = types.ModuleType(name)
    module.__file__ = str(path)
    if str(path.parent) not in sys.path:
        sys.path.append(str(path.parent))  # behind all others, so that no file takes the place of a package
    importlib.invalidate_caches()
    before = set(sys.modules)
    sys.modules[name] = module  # dataclasses and pickle look for it there
    try:
        exec(compile(content, str(path), "exec"), module.__dict__)
    except BaseException:
        _imported.update(set(sys.modules) - before)
        _forget(path)
        raise
    _imported.update(set(sys.modules) - before)
    made_of = {one: digest(one) for one in _beside(path).values()} | {path: hashlib.sha256(content).hexdigest()}
    _loaded[path] = _Loaded(module, made_of)
    return module


def _beside(path: Path) -> dict[str, Path]:
    """The modules that users' files import from the same folder, by their names, the file's own among them."""
    files = {name: getattr(sys.modules.get(name), "__file__", None) for name in _imported}
    return {name: Path(file) for name, file in files.items() if file and Path(file).parent == path.parent}


def _forget(path: Path) -> None:
    """Let the file and what it imports from beside it be imported again.

    Not from bytecode, which Python takes for current where a file of the same length was edited within a second.
    """
    for name, file in _beside(path).items():
        if file == path or file not in _loaded:
            del sys.modules[name]
            with suppress(OSError):
                Path(cache_from_source(str(file))).unlink()


def function_of(module: types.ModuleType, name: str = "") -> tuple[str, Callable[..., Any]]:
    """The function of that name, or the one that is plainly the model, and its name; DescribeError without one."""
    file = Path(str(module.__file__)).name
    if name:
        function = getattr(module, name, None)
        if not isfunction(function):
            raise DescribeError(f"there is no function {name} in {file}")
        return name, function
    own = {
        name: one
        for name, one in vars(module).items()
        if isfunction(one) and one.__module__ == module.__name__ and not name.startswith("_")
    }
    if PREFERRED in own:
        return PREFERRED, own[PREFERRED]
    if len(own) != 1:
        names = ", ".join(own) or "none"
        reason = (
            f"one function is the model, and here are {names}: call it {PREFERRED}, or begin the others' names with _"
        )
        raise DescribeError(reason)
    return next(iter(own.items()))
