"""How the page's modules come into the page."""

import json
import re
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from components.addresses import SCRIPTS
from components.assets import FOLDER, modules
from components.bundle import ENTRY, bundle
from studio.settings import Settings
from tests.web.conftest import app_of


@pytest.fixture(scope="module", params=["none", "password", "anonymous"])
def stranger(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    """Somebody who has not signed in."""
    users = "ann:annpw" if request.param == "password" else ""
    settings = Settings(data_dir=tmp_path_factory.mktemp("site"), users=users, login=request.param)
    app: FastAPI = app_of(settings)
    return TestClient(app, base_url="http://localhost")


def script_of(document: str) -> str:
    (address,) = re.findall(rf'<script type="module" src="\.({SCRIPTS}/[^"]+)">', document)
    return str(address)


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_the_document_has_the_script_before_gradios(stranger: TestClient, encoding: str) -> None:
    answer = stranger.get("/", headers={"accept-encoding": encoding})
    begin = ["window.studioCannotStart = say", script_of(answer.text)]
    places = [*begin, "<script>window.gradio_config", 'src="./assets/']
    assert sorted(places, key=answer.text.index) == places
    assert answer.text.endswith("</html>")
    assert encoding == "gzip" or int(answer.headers["content-length"]) == len(answer.content)


def test_everybody_has_the_script_and_keeps_it_for_ever(stranger: TestClient) -> None:
    address = script_of(stranger.get("/").text)
    for encoding in ("gzip", "identity"):
        answer = stranger.get(address, headers={"accept-encoding": encoding})
        assert (answer.status_code, answer.text) == (200, bundle(modules()))
        assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers.get("content-encoding", "identity") == encoding


def test_an_address_of_another_version_is_none(stranger: TestClient) -> None:
    assert stranger.get(f"{SCRIPTS}/{'0' * 16}.js").status_code == 404


def test_a_change_of_any_module_changes_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    from web import scripts

    addresses = {scripts.PageScript().address}
    for name, text in modules().items():
        monkeypatch.setattr(scripts, "modules", lambda name=name, text=text: {**modules(), name: f"{text}// changed\n"})
        addresses.add(scripts.PageScript().address)
    assert len(addresses) == len(modules()) + 1


def of_components() -> Iterator[str]:
    """The scripts of JS components, as the Python beside them names them."""
    named = re.compile(r'(?:js_component|\w*Field|__init__|script)\(\s*"([\w/]+)"')
    for path in FOLDER.rglob("*.py"):
        yield from (f"{name}.js" for name in named.findall(path.read_text()))


def test_every_script_is_in_the_page() -> None:
    """One that nobody imports any more would be read by nobody but us."""
    there = {path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.js")}
    assert there - modules().keys() - set(of_components()) == {"kit/browser.js"}


def test_the_types_of_every_component_s_script_are_checked() -> None:
    checked = json.loads((FOLDER.parent / "tsconfig.components.json").read_text(encoding="utf-8"))["files"]
    assert set(of_components()) <= {name.removeprefix("components/") for name in checked}


def test_a_module_stands_after_those_that_it_imports_and_once() -> None:
    texts = {
        ENTRY: 'import "./a.js";\nimport { b } from "./deep/b.js";\nwindow.said.push(b);\n',
        "a.js": 'import * as c from "./c.js";\nwindow.said.push(c.one);\n',
        "deep/b.js": 'import { two as three } from "../c.js";\nexport const b = three();\n',
        "c.js": "export const one = 1;\nexport async function two() {}\n",
    }
    assert re.findall(r"^\$modules\['(.+?)'\]", bundle(texts), re.MULTILINE) == ["c.js", "a.js", "deep/b.js", ENTRY]


@pytest.mark.parametrize(
    "line",
    [
        "export default 1;",
        "export let one = 1;",
        "export { one };",
        'export * from "./a.js";',
        'import one from "./a.js";',
        'import {\n  one,\n} from "./a.js";',
        "import { one } from './a.js';",
    ],
)
def test_what_cannot_be_bundled_is_named(line: str) -> None:
    with pytest.raises(ValueError, match=r"components/page\.js has an import or export that cannot be bundled"):
        bundle({ENTRY: f"{line}\n", "a.js": ""})


def test_modules_that_import_each_other_are_named() -> None:
    texts = {ENTRY: 'import "./a.js";\n', "a.js": 'import "./b.js";\n', "b.js": 'import "./a.js";\n'}
    with pytest.raises(ValueError, match=r"a\.js imports itself, by way of others: page\.js, a\.js, b\.js"):
        bundle(texts)
