"""The model file of a Gradio app, from what the app tells of itself."""

import ast
import json
import re
from collections.abc import Mapping
from pathlib import Path
from unicodedata import category
from urllib.parse import urlsplit

from backends.describing import DescribeError, Description
from backends.gradio_app import apps
from backends.gradio_app.form import Endpoint, parameters


def takes(text: str) -> bool:
    """Whether it names an address, a Space, or a file that launches a Gradio app; behind # may stand the endpoint."""
    app, _, _ = text.partition("#")
    if apps.is_file(app):
        return _launches(Path(app).expanduser())
    return bool(apps.ADDRESS.fullmatch(app) or (apps.SPACE.fullmatch(app) and not Path(app).exists()))


def _launches(path: Path) -> bool:
    """Read, not run. Where a launch waits for `__main__` and there is a `generate`, the file is a function's."""
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, SyntaxError):
        return False
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    if "gradio" not in imported:
        return False
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    if any(_launch(node) for node in tree.body if not _waits(node)):
        return True
    return _launch(tree) and not any(one.name == "generate" for one in functions)


def _launch(node: ast.AST) -> bool:
    return any(isinstance(one, ast.Attribute) and one.attr == "launch" for one in ast.walk(node))


def _waits(node: ast.stmt) -> bool:
    """Whether an import does not run what is in it."""
    if isinstance(node, ast.If):
        return any(isinstance(one, ast.Name) and one.id == "__name__" for one in ast.walk(node.test))
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)


def describe(text: str, environment: Mapping[str, str]) -> Description:
    """The data of the model file; an app that is a file is started for this."""
    source, _, wanted = text.partition("#")
    app = str(Path(source).expanduser().absolute()) if apps.is_file(source) else source
    try:
        opened = apps.opened(app, environment, lambda _: None)
    except apps.AppError as error:
        raise DescribeError(f"{str(error).rstrip('.')} ({error.detail})" if error.detail else str(error)) from error
    try:
        endpoint = chosen(opened.endpoints, wanted)
        title = str(opened.client.config.get("title") or "")
        return described(app, endpoint, opened.revision, title)
    finally:
        opened.close()


def chosen(endpoints: Mapping[str, Endpoint], wanted: str = "") -> Endpoint:
    """The one that is asked for, /predict, or the only one that makes files and has a form."""
    if wanted:
        found = endpoints.get(f"/{wanted.lstrip('/')}")
        if found is None:
            raise DescribeError(f"there is no endpoint {wanted}; there are {', '.join(endpoints) or 'none'}")
        return found
    making = {name: one for name, one in endpoints.items() if one.makes and one.arguments}
    if "/predict" in making or len(making) == 1:
        return making.get("/predict") or next(iter(making.values()))
    if making:
        raise DescribeError(f"it has several endpoints ({', '.join(making)}): name one behind a #, such as …#/predict")
    raise DescribeError(f"no endpoint makes a picture, film or sound; there are {', '.join(endpoints) or 'none'}")


def described(app: str, endpoint: Endpoint, revision: str, title: str = "") -> Description:
    """The model file of one endpoint."""
    if endpoint.makes is None:
        raise DescribeError(f"{endpoint.name} makes no picture, film or sound")
    declared, left_out = parameters(endpoint)
    names = {name: told for told, name in endpoint.names.items() if name != told and name in declared}
    backend = {"kind": "gradio", "app": app, "endpoint": endpoint.name, "revision": revision}
    about = [endpoint.about, f"Not in the form: {', '.join(left_out)}." if left_out else ""]
    found: Description = {
        "id": _id(app, endpoint.name),
        "name": _title(app, endpoint.name, title),
        "type": endpoint.makes,
        "description": _printed(" ".join(filter(None, about))),
        "backend": backend | ({"names": names} if names else {}),
        "parameters": declared,
    }
    try:
        json.dumps(found, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise DescribeError("a text of it has a lone surrogate, which no file can hold") from error
    return found


def _stem(app: str) -> str:
    if apps.is_file(app):
        path = Path(app)
        return path.parent.name or path.stem if path.stem == "app" else path.stem
    if apps.ADDRESS.fullmatch(app):
        parts = urlsplit(app)
        return f"{parts.netloc}{parts.path}"
    return app.partition("/")[2]


def _id(app: str, endpoint: str) -> str:
    words = [_stem(app), *([] if endpoint == "/predict" else [endpoint])]
    plain = re.sub(r"[^a-z0-9]+", "-", " ".join(words).lower())
    return plain.strip("-")[:64] or "gradio-app"


def _printed(text: str) -> str:
    """Without control characters, around which a long line of YAML is not folded as it is read."""
    return "".join(one if category(one) != "Cc" or one == "\n" else " " for one in text)


def _title(app: str, endpoint: str, title: str) -> str:
    named = title if title.strip() not in ("", "Gradio") else _stem(app)
    return (named if endpoint == "/predict" else f"{named}: {endpoint.strip('/')}")[:80]
