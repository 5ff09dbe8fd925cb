"""What this takes for granted about Gradio's sessions, each in a test of its own: a new Gradio may do otherwise."""

import gc
from collections.abc import Iterator
from typing import Any

import gradio as gr
import pytest
from fastapi.testclient import TestClient
from gradio.state_holder import SessionState, StateHolder

from studio.settings import Settings
from tests.components.page_site import Site
from tests.web.conftest import app_of
from web.gate.transient_sessions import TransientSession, TransientSessions

PAGES = 20


@pytest.fixture(scope="module")
def blocks() -> gr.Blocks:
    with gr.Blocks(analytics_enabled=False) as blocks:
        choice, said = gr.Dropdown(["a"]), gr.Textbox()
        gr.Button().click(lambda: gr.update(choices=["a", "b"], value="b"), None, choice, api_name="widen", queue=False)
        gr.Button().click(lambda: "queued", None, said, api_name="say")
    return blocks


@pytest.fixture(scope="module")
def browser(blocks: gr.Blocks, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    settings = Settings(data_dir=tmp_path_factory.mktemp("passing"), login="none")
    app = app_of(settings, blocks=blocks)
    with TestClient(app, base_url="http://localhost") as browser:
        yield browser


def test_gradio_asks_its_holder_for_the_session_of_each_event(blocks: gr.Blocks, browser: TestClient) -> None:
    assert isinstance(blocks.state_holder, TransientSessions)
    assert blocks.state_holder is browser.app.state.gradio.state_holder  # type: ignore[attr-defined]


def test_a_session_has_what_gradio_gives_one_but_for_the_settings_of_components(blocks: gr.Blocks) -> None:
    gradios, passing = vars(SessionState(blocks)), vars(TransientSession(blocks))
    assert gradios.keys() == passing.keys()
    assert gradios["blocks_config"].blocks == passing["blocks_config"].blocks
    assert gradios["blocks_config"].fns == passing["blocks_config"].fns
    assert gradios["config_values"].keys() == blocks.blocks.keys()
    differing = {name for name in gradios if gradios[name] != passing[name]} - {"blocks_config"}
    assert differing == {"config_values"}


def test_gradios_own_holder_keeps_a_session_of_each_page(blocks: gr.Blocks) -> None:
    """Or this whole module has become needless."""
    holder = StateHolder()
    holder.blocks = blocks
    assert holder["one"] is holder["one"]


def test_nothing_of_a_page_is_left_when_it_has_its_answer(blocks: gr.Blocks, browser: TestClient) -> None:
    for page in range(PAGES):
        assert _ask(browser, "run/widen", {"data": [], "session_hash": f"page{page}"})["data"][0]["value"] == "b"
        event = _ask(browser, "call/say", {"data": []})["event_id"]
        assert "queued" in browser.get(f"/gradio_api/call/say/{event}").text
    gc.collect()
    assert not [one for one in gc.get_objects() if isinstance(one, TransientSession)]
    assert not blocks.state_holder.session_data
    assert not any(blocks._queue.pending_event_ids_session.values())


def test_a_call_without_a_session_is_spared_the_one_that_gradio_would_make(
    browser: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    monkeypatch.setattr("gradio.route_utils.SessionState", lambda blocks: made.append(blocks) or SessionState(blocks))
    for body in ({"data": []}, {"data": [], "session_hash": None}, {"data": [], "session_hash": ""}):
        assert _ask(browser, "run/widen", body)["data"][0]["value"] == "b"
    assert not made


@pytest.mark.usefixtures("browser")
def test_what_is_kept_of_events_that_nobody_fetches_has_an_end(blocks: gr.Blocks) -> None:
    queue = blocks._queue
    assert queue.pending_event_ids_session.max_size == queue.pending_messages_per_session.max_size  # type: ignore[attr-defined]


def test_the_page_has_nothing_that_gradio_must_keep_nor_a_connection_to_hold(site: Site) -> None:
    """Keep it in a store: a gr.State would be forgotten, and hold a connection open in each tab."""
    config: Any = site.blocks.get_config_file()
    assert not [block for block in site.blocks.blocks.values() if block.stateful]
    assert not site.blocks.renderables
    assert config["connect_heartbeat"] is False


def _ask(browser: TestClient, way: str, body: dict[str, Any]) -> Any:
    answer = browser.post(f"/gradio_api/{way}", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()
