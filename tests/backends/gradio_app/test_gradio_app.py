"""Real Gradio apps as models: a run of each kind of input and result, and everything that goes wrong on the way.

They are apps of the Gradio that the studio itself runs on, and of Gradio 5 where GRADIO_5_PYTHON names a Python that
has it: python -m venv gradio5 && gradio5/bin/pip install 'gradio<6'.
"""

import http.server
import json
import os
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from gradio_client import Client
from PIL import Image

from backends.base import BackendError, Cancelled, Outputs, Request
from backends.describing import DescribeError
from backends.gradio_app import GradioBackend, GradioSpec, apps
from backends.gradio_app.describe import describe, takes
from backends.registry import load_backends
from model_configs.registry import load_file, read_document
from studio.models import add_model, load_models, specs_of
from studio.settings import Settings
from tests import media_samples
from tests.backends.contract import BackendContract, Harness, is_sentence
from tests.backends.fake_context import FakeContext

pytestmark = pytest.mark.slow

PEER = Path(__file__).with_name("peer.py")
BACKEND = GradioBackend({})


PYTHONS = {"gradio 6": sys.executable, "gradio 5": os.environ.get("GRADIO_5_PYTHON")}


@pytest.fixture(scope="module", params=PYTHONS)
def python(request: pytest.FixtureRequest) -> str:
    """What runs the peer."""
    return PYTHONS[request.param] or pytest.skip("GRADIO_5_PYTHON names no Python with Gradio 5")


@contextmanager
def running(python: str = sys.executable, environment: dict[str, str] | None = None) -> Iterator[str]:
    """A peer of one's own by its address; the one that the backend has started stays as it is."""
    digest = "a peer"
    process = apps._start(PEER, digest, {**os.environ, **(environment or {})}, python)
    try:
        yield apps._address(process, PEER, lambda _: None)
    finally:
        process.stop()


@pytest.fixture(scope="module")
def peer(python: str) -> Iterator[str]:
    with running(python) as address:
        yield address


@pytest.fixture(scope="module", autouse=True)
def _no_app_stays() -> Iterator[None]:
    yield
    apps.stop_all()


def run(app: str, endpoint: str, folder: Path, context: Any = None, **values: Any) -> Outputs:
    folder.mkdir(exist_ok=True)
    spec = GradioSpec(kind="gradio", app=app, endpoint=endpoint, names={"weird": "Weird"})
    return BACKEND.run(Request("3f0e", "model", spec, values, folder), context or FakeContext())


def picture(path: Path) -> Image.Image:
    with Image.open(path) as opened:
        return opened.convert("RGB")


class TestContract(BackendContract):
    @pytest.fixture
    def harness(self, peer: str, tmp_path_factory: pytest.TempPathFactory) -> Harness:
        photo = media_samples.png(tmp_path_factory.mktemp("inputs") / "photo.png")
        spec = GradioSpec(kind="gradio", app=peer, endpoint="/paint")
        missing = GradioSpec(kind="gradio", app="/there/is/no/app.py")
        values = {"prompt": "a fox", "steps": 4, "photo": photo, "seed": 7}
        return Harness(BACKEND, spec, values, {"prompt": "fail"}, ((BACKEND, missing),))


# --- what comes in and goes out --------------------------------------------------------------------------------------


def test_every_value_comes_to_the_function_as_a_browser_would_send_it(peer: str, tmp_path: Path) -> None:
    values = {"prompt": "x", "steps": 7, "style": "oil", "tile": True, "mode": "a", "count": 9, "seed": 2**31 - 1}
    context = FakeContext()
    made = run(peer, "/paint", tmp_path / "out", context, **values, weird=3.0)
    told = json.loads(str(made.texts["Told"]))
    assert told == {"args": ["x", 7, "oil", True, "a", 9, 2**31 - 1, 3], "photo": None}
    assert isinstance(told["args"][-1], int)
    assert made.texts["Caption"] == "x"
    assert 1.5 in made.texts.values()
    assert [picture(path).size for path in made.files] == [(32, 24), (9, 9)]
    assert (1, 3) in context.steps or (2, 3) in context.steps
    assert "Painting" in context.words
    assert context.versions["app"] == peer


def test_what_is_not_given_is_sent_as_the_app_itself_would(peer: str, tmp_path: Path) -> None:
    made = run(peer, "/paint", tmp_path / "out")
    assert json.loads(str(made.texts["Told"]))["args"] == ["a fox", 20, "ink", False, "b", 3, 0, 0.5]


@pytest.mark.parametrize(
    ("endpoint", "sample"),
    [
        ("/picture", media_samples.png), ("/file", media_samples.png),
        ("/sound", media_samples.audio), ("/film", media_samples.video),
    ],
)  # fmt: skip
def test_a_file_goes_there_and_back(endpoint: str, sample: Any, peer: str, tmp_path: Path) -> None:
    suffix = {"/sound": ".wav", "/film": ".mp4"}.get(endpoint, ".png")
    given = sample(tmp_path / f"ünïcode name #1%{suffix}")
    (made,) = run(peer, endpoint, tmp_path / "out", value=given).files
    if endpoint == "/picture":  # Gradio writes pictures again
        assert picture(made).size == picture(given).size
    else:
        assert made.read_bytes() == given.read_bytes()
    assert made.parent == tmp_path / "out"


def test_pictures_in_order_a_colour_and_json_come_to_the_function_as_they_are(peer: str, tmp_path: Path) -> None:
    model = read_document(describe(f"{peer}#/lay_out", {}), specs_of(load_backends({})))
    assert {name: one.kind for name, one in model.parameters.items()} == {
        "pictures": "images", "others": "images", "tint": "colour", "table": "json", "code": "json",
    }  # fmt: skip
    begins = model.defaults()
    assert (begins["tint"], begins["table"], begins["code"]) == ("#ff8800", '{"rows": [1, 2.5]}', '{"a": 1}')
    first, second, third = (
        media_samples.png(tmp_path / f"{side} ünïcode.png", (side, 10), seed=side) for side in (31, 32, 33)
    )
    made = run(
        peer, "/lay_out", tmp_path / "out",
        pictures=[second, first], others=[third, second], tint="#00ff00", table=["ä", {"n": None}], code={"b": [1.5]},
    )  # fmt: skip
    told = json.loads(str(made.texts["Told"]))
    assert told["sizes"] == [[32, 10], [31, 10], [33, 10], [32, 10]]
    assert (told["tint"], told["table"], json.loads(told["code"])) == ("#00ff00", ["ä", {"n": None}], {"b": [1.5]})
    assert picture(made.files[0]).getpixel((8, 8)) == (0, 255, 0)


def test_what_is_empty_among_pictures_and_json_is_sent_as_the_app_itself_would(peer: str, tmp_path: Path) -> None:
    other = media_samples.png(tmp_path / "one.png", (31, 10))
    made = run(peer, "/lay_out", tmp_path / "out", pictures=[], others=[other], tint=None, table=None, code=None)
    told = json.loads(str(made.texts["Told"]))
    assert told == {"sizes": [[31, 10]], "tint": "#f80", "table": {"rows": [1, 2.5]}, "code": '{"a": 1}'}


def test_a_file_that_is_no_media_is_named_and_the_others_are_kept(peer: str, tmp_path: Path) -> None:
    photo = media_samples.png(tmp_path / "photo.png")
    made = run(peer, "/report", tmp_path / "out", prompt="x", photo=photo)
    assert len(made.files) == 1
    assert any("peer.py" in str(text) for text in made.texts.values())


@pytest.mark.parametrize(("endpoint", "name"), [("/report", "prompt"), ("/words", "value")])
def test_an_endpoint_that_gave_no_media_says_so(endpoint: str, name: str, peer: str, tmp_path: Path) -> None:
    with pytest.raises(BackendError, match="no picture, film or sound"):
        run(peer, endpoint, tmp_path / "out", **{name: "x"})


def test_a_generator_shows_what_is_in_the_making_and_gives_the_last(peer: str, tmp_path: Path) -> None:
    context = FakeContext()
    (made,) = run(peer, "/stages", tmp_path / "out", context, prompt="x").files
    assert picture(made).getpixel((8, 8)) == (250, 0, 0)
    assert context.previews


# --- what goes wrong -------------------------------------------------------------------------------------------------


def failure(app: str, endpoint: str, tmp_path: Path, **values: Any) -> BackendError:
    with pytest.raises(BackendError) as failed:
        run(app, endpoint, tmp_path / "out", **values)
    assert is_sentence(str(failed.value))
    assert not list((tmp_path / "out").iterdir())
    return failed.value


def test_the_apps_own_words_are_the_error(peer: str, tmp_path: Path) -> None:
    assert str(failure(peer, "/paint", tmp_path, prompt="fail")) == "There is no paint left."


def test_an_app_that_keeps_its_error_to_itself_fails_in_a_sentence(peer: str, tmp_path: Path) -> None:
    assert "private words" not in str(failure(peer, "/paint", tmp_path, prompt="crash"))


def test_a_value_outside_the_apps_own_limits_is_a_sentence(peer: str, tmp_path: Path) -> None:
    assert "50" in str(failure(peer, "/paint", tmp_path, steps=51))


def test_an_endpoint_or_input_that_is_gone_is_named(peer: str, tmp_path: Path) -> None:
    assert "/gone" in str(failure(peer, "/gone", tmp_path))
    assert failure(peer, "/paint", tmp_path, gone=1).fields.keys() == {"gone"}


def test_nobody_at_the_address(tmp_path: Path) -> None:
    assert "cannot be reached" in str(failure("http://127.0.0.1:9", "/paint", tmp_path))


@pytest.mark.parametrize(
    "answer", ["", "nonsense", "[]", "{}", '{"components": 1, "dependencies": []}', "<html></html>"]
)
def test_an_address_that_answers_nonsense(answer: str, tmp_path: Path) -> None:
    with answering(answer.encode()) as (address, _):
        failure(address, "/paint", tmp_path)


@contextmanager
def answering(answer: bytes, status: int = 200) -> Iterator[tuple[str, list[Any]]]:
    """A server that says the same to everything, and the headers that it was asked with."""
    asked: list[Any] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(dict(self.headers))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(answer)

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()


def test_the_token_of_hugging_face_goes_to_no_address(tmp_path: Path) -> None:
    with answering(b"{}") as (address, asked):
        request = Request("1", "m", GradioSpec(kind="gradio", app=address), {}, tmp_path)
        with pytest.raises(BackendError):
            GradioBackend({"HF_TOKEN": "hf_secret"}).run(request, FakeContext())
    assert asked
    assert "hf_secret" not in str(asked)


def test_an_app_that_asks_for_a_login_says_so(tmp_path: Path) -> None:
    with answering(b"{}", 401) as (address, _):
        assert "login" in str(failure(address, "/paint", tmp_path))


def test_an_app_that_dies_while_it_works_is_not_asked_twice(python: str, tmp_path: Path) -> None:
    with running(python) as address:
        assert "run the job again" in str(failure(address, "/die", tmp_path, prompt="x"))


def test_a_cancel_does_not_wait_for_an_app_that_never_answers(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(Cancelled):
        run(f"http://127.0.0.1:{silent.getsockname()[1]}", "/paint", tmp_path / "out", FakeContext(calls=4))


class Until(FakeContext):
    """Is cancelled once a file is there."""

    def __init__(self, marker: Path) -> None:
        super().__init__()
        self.marker = marker

    @property
    def cancelled(self) -> bool:
        return self.marker.exists()


def test_a_cancel_ends_the_call_and_the_next_one_runs(python: str, tmp_path: Path) -> None:
    with running(python) as address:
        for name in ("first", "second"):  # the endpoint does one call at a time
            with pytest.raises(Cancelled):
                run(address, "/slow", tmp_path / "out", Until(tmp_path / name), marker=str(tmp_path / name))
    assert not list(tmp_path.glob("* was not stopped"))


def test_a_cancel_is_heard_of_a_call_whose_number_comes_late(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at_once = Client.send_data

    def late(*args: Any, **kwargs: Any) -> Any:
        number = at_once(*args, **kwargs)
        _until((tmp_path / "marker").exists)
        time.sleep(1)
        return number

    monkeypatch.setattr(Client, "send_data", late)
    with running(sys.executable) as address:
        with pytest.raises(Cancelled):
            run(address, "/slow", tmp_path / "out", Until(tmp_path / "marker"), marker=str(tmp_path / "marker"))
        monkeypatch.undo()
        with pytest.raises(Cancelled):
            run(address, "/slow", tmp_path / "out", Until(tmp_path / "next"), marker=str(tmp_path / "next"))
    assert not (tmp_path / "marker was not stopped").exists()


def test_a_full_queue_says_so(python: str, tmp_path: Path) -> None:
    with running(python, {"PEER_QUEUE": "1"}) as address:
        first, second = Until(tmp_path / "end"), Until(tmp_path / "end")
        threads = []
        for number, context in enumerate((first, second)):
            name = f"begun {number}"
            threads.append(threading.Thread(target=_cancelled, args=(address, tmp_path, name, context)))
            threads[-1].start()
            _until(lambda: (tmp_path / "begun 0").exists())
        _until(lambda: any("queue" in words for words in second.words))
        assert "queue is full" in str(failure(address, "/slow", tmp_path, marker=str(tmp_path / "third")))
        (tmp_path / "end").touch()
        for thread in threads:
            thread.join()


def _cancelled(address: str, folder: Path, name: str, context: FakeContext) -> None:
    with pytest.raises(Cancelled):
        run(address, "/slow", folder / f"out {name}", context, marker=str(folder / name))


def _until(holds: Any) -> None:
    while not holds():
        threading.Event().wait(0.02)


# --- an app that is a file -------------------------------------------------------------------------------------------


def test_a_file_is_started_stays_and_is_started_anew_when_it_changes(tmp_path: Path) -> None:
    app = tmp_path / "app.py"
    app.write_text(PEER.read_text().replace("__file__", repr(str(PEER))))
    begun = FakeContext()
    run(str(app), "/paint", tmp_path / "one", begun, prompt="x")
    assert "Starting app.py" in begun.words
    first = apps._running[app].process.pid
    run(str(app), "/paint", tmp_path / "two", prompt="x")
    assert apps._running[app].process.pid == first
    app.write_text(app.read_text() + "\n# changed\n")
    context = FakeContext()
    run(str(app), "/paint", tmp_path / "three", context, prompt="x")
    assert "Starting app.py" in context.words
    assert apps._running[app].process.pid != first
    assert len(context.versions["revision"]) == 12


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        (b"", ""),
        (b"\n \n", ""),
        (b"Loading weights\n", ": Loading weights"),
        (b"Loading\n 10%|#   |\r 40%|##  |\r", ": 40%|##  |"),
        (b"\x1b[31m\xffred\n", ": [31m\ufffdred"),
        (b"x" * 500, f": {'x' * 100}"),
    ],
)
def test_what_a_file_has_printed_last_is_said_while_it_starts(printed: bytes, shown: str) -> None:
    assert apps._last(printed) == shown


def test_a_cancel_while_a_file_starts_ends_it(tmp_path: Path) -> None:
    app = tmp_path / "app.py"
    app.write_text("import time\nopen('begun', 'w').close()\ntime.sleep(1000)")
    with pytest.raises(Cancelled):
        run(str(app), "/paint", tmp_path / "out", Until(tmp_path / "begun"))
    _until(lambda: app not in apps._running)


@pytest.mark.parametrize("code", ["raise SystemExit('no weights')", "1 / 0", "this is no Python"])
def test_a_file_that_ends_says_so_with_its_log(code: str, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(code)
    error = failure(str(tmp_path / "app.py"), "/paint", tmp_path)
    assert "ended before its app listened" in str(error)
    assert error.detail


def test_a_started_app_ends_with_its_input() -> None:
    process = apps._start(PEER, "x", os.environ)
    assert process.process.stdin
    process.process.stdin.close()
    assert process.process.wait(60) == 1
    process.stop()


# --- the model file --------------------------------------------------------------------------------------------------


def test_models_add_writes_the_whole_form(peer: str, tmp_path: Path) -> None:
    backends = load_backends({})
    path, config = add_model(f"{peer}#paint", tmp_path, backends, "painter")
    assert load_file(path, specs_of(backends)) == config
    assert (config.name, config.type) == ("Paint shop: paint", "image")
    steps = config.parameters["steps"].model_dump(exclude_defaults=True)
    assert steps == {"label": "Steps", "kind": "integer", "minimum": 1, "maximum": 50, "default": 20}
    assert config.parameters["prompt"].help == "What to paint"
    assert [one.label for one in config.parameters["style"].choices] == ["oil", "Indian ink"]  # type: ignore[union-attr]
    assert config.defaults()["style"] == "ink"
    assert config.parameters["seed"].kind == "seed"
    spec = GradioSpec.model_validate(config.backend.model_dump())
    folder = tmp_path / "out"
    folder.mkdir()
    values = {**config.check({}), "seed": 5, "photo": media_samples.png(tmp_path / "p.png")}
    context = FakeContext()
    told = json.loads(str(BACKEND.run(Request("1", "painter", spec, values, folder), context).texts["Told"]))
    assert told["args"] == ["a fox", 20, "ink", False, "b", 3, 5, 0.5]
    assert "pinned" not in context.versions


def test_a_pinned_revision_that_differs_is_said(peer: str, tmp_path: Path) -> None:
    spec, context = GradioSpec(kind="gradio", app=peer, endpoint="/paint", revision="0ld"), FakeContext()
    BACKEND.run(Request("1", "m", spec, {}, tmp_path), context)
    assert "0ld" in context.versions["pinned"]
    with pytest.raises(BackendError, match=r"no paint left\. The app has changed"):
        BACKEND.run(Request("1", "m", spec, {"prompt": "fail"}, tmp_path), FakeContext())


def test_an_endpoint_must_be_named_when_several_would_do(peer: str) -> None:
    with pytest.raises(DescribeError, match="several endpoints"):
        describe(peer, {})
    with pytest.raises(DescribeError, match="makes no picture"):
        describe(f"{peer}#words", {})


@pytest.mark.parametrize(
    ("source", "whether"),
    [
        ("http://127.0.0.1:7860", True), ("https://a.hf.space/#/predict", True), ("owner/space", True),
        (str(PEER), True), (__file__, False), ("my_model.py", False), ("tests/backends", False),
        ("http://me:secret@host", False), ("words", False),
    ],
)  # fmt: skip
def test_what_is_a_gradio_app(source: str, whether: bool) -> None:
    assert takes(source) is whether


@pytest.mark.parametrize(
    "app", ["http://me:secret@host", "https://host/?token=secret", "app.py", "../app.py", "ftp://x"]
)
def test_an_app_with_a_secret_or_without_a_place_is_refused(app: str) -> None:
    with pytest.raises(ValueError, match="an app is an address"):
        GradioSpec(kind="gradio", app=app)


APP = "import gradio as gr\ndef generate(a): ...\nwith gr.Blocks() as demo: ...\n"
GUARDED = "if __name__ == '__main__':\n    demo.launch()"


@pytest.mark.parametrize(
    ("code", "whether"),
    [
        (f"{APP}demo.launch()", True),
        (f"{APP}{GUARDED}", False),
        (f"{APP.replace('generate', 'paint')}{GUARDED}", True),
        (APP, False),
        ("demo.launch()", False),
        ("import gradio\nthis is no Python", False),
    ],
)
def test_a_file_is_an_app_unless_an_import_of_it_gives_a_function(code: str, whether: bool, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(code)
    assert takes(str(tmp_path / "app.py")) is whether


def test_an_app_among_the_models_is_not_imported_but_named(tmp_path: Path) -> None:
    """An import would launch it, and wait."""
    app = tmp_path / "models" / "app.py"
    app.parent.mkdir()
    app.write_text(f"{APP}open({str(tmp_path / 'imported')!r}, 'w')\ndemo.launch()")
    found = load_models(Settings(data_dir=tmp_path / "data", models=(str(app.parent),)), load_backends({}))
    assert [broken.file for broken in found.broken] == ["app.py"]
    assert "models add" in found.broken[0].reason
    assert not (tmp_path / "imported").exists()
