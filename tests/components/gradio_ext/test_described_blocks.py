"""What is told of endpoints in place of Gradio's own words, and what this takes for granted of Gradio."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
from anyio.from_thread import start_blocking_portal
from gradio.events import api
from gradio_client import handle_file

from components.gradio_ext.described_blocks import DescribedBlocks, Input, Output, client_file

TEXT = {"type": "string"}


def double(number: int, request: gr.Request, times: int = 2) -> int:
    return number * times


class Page:
    """Blocks with an endpoint that is a typed function, and one that takes what components hold."""

    def __init__(self) -> None:
        self.named: list[Mapping[str, Any]] = []

        def choose(**named: Any) -> str:
            self.named.append(named)
            return "chosen"

        with DescribedBlocks(analytics_enabled=False) as self.own:
            self.own.add_endpoint(double, OverflowError)
            fields = {"size": gr.Dropdown([("small", 1), ("large", 2)], value=1), "words": gr.Textbox()}
            inputs = {"size": Input({"enum": [1, 2]}, default=1), "words": Input(None, has_default=False)}
            self.own.add_form_endpoint("choose", choose, fields, inputs, Output("id", TEXT), "Chooses")
        with gr.Blocks(analytics_enabled=False) as self.gradios:
            api(double)
            gr.on([], lambda size: size, fields["size"].render(), gr.Textbox(), api_name="choose")

    def ask(self, blocks: gr.Blocks, name: str, *sent: Any) -> list[Any]:
        (fn,) = (one for one in blocks.fns.values() if one.api_name == name)

        async def process() -> Any:
            return await blocks.process_api(fn, list(sent), request=gr.Request(username="ann"))

        with start_blocking_portal() as portal:
            return list(portal.call(process)["data"])


@pytest.fixture(scope="module")
def page() -> Page:
    return Page()


def told(blocks: gr.Blocks, name: str) -> Any:
    info: Any = blocks.get_api_info()
    return info["named_endpoints"][f"/{name}"]


def test_gradio_tells_of_each_parameter_its_name_its_type_and_an_example_and_of_each_answer_a_label(
    page: Page,
) -> None:
    for name in ("double", "choose"):
        endpoint = told(page.gradios, name)
        for parameter in endpoint["parameters"]:
            assert {
                "parameter_name",
                "parameter_has_default",
                "type",
                "python_type",
                "example_input",
            } <= parameter.keys()
        (answer,) = endpoint["returns"]
        assert {"label", "type", "python_type"} <= answer.keys()


def test_gradio_takes_a_request_by_its_hint_and_tells_nobody_of_it(page: Page) -> None:
    assert [one["parameter_name"] for one in told(page.gradios, "double")["parameters"]] == ["number", "times"]


def test_gradio_checks_nothing_of_what_a_typed_function_is_sent(page: Page) -> None:
    assert page.ask(page.gradios, "double", "ab", 2) == ["abab"]
    with pytest.raises(gr.Error, match="number: Input should be a valid integer"):
        page.ask(page.own, "double", "ab", 2)


def test_gradio_tells_choices_as_texts_whatever_they_are(page: Page) -> None:
    (theirs,) = told(page.gradios, "choose")["parameters"]
    assert theirs["type"]["type"] == "string"
    ours, _ = told(page.own, "choose")["parameters"]
    assert ours["type"] == {"enum": [1, 2]}


def test_gradio_hands_on_by_its_name_what_each_component_takes(page: Page) -> None:
    assert page.ask(page.own, "choose", 2, "a hat") == ["chosen"]
    assert page.named == [{"size": 2, "words": "a hat"}]


def test_gradio_draws_nothing_for_the_answer_of_an_endpoint_and_calls_it_api(page: Page) -> None:
    config: Any = page.own.get_config_file()
    answers = [event["outputs"] for event in config["dependencies"]]
    kinds = {one["id"]: one["type"] for one in config["components"]}
    assert [[kinds[id_] for id_ in ids] for ids in answers] == [["api"], ["api"]]


def test_what_an_endpoint_is_told_to_take_and_to_answer_is_told_to_all(page: Page) -> None:
    size, words = told(page.own, "choose")["parameters"]
    assert (size["parameter_default"], words["parameter_has_default"]) == (1, False)
    assert [(one["label"], one["type"]) for one in told(page.own, "choose")["returns"]] == [("id", TEXT)]


def test_gradios_client_sends_a_file_as_the_examples_have_one(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"a picture")
    assert client_file(str(path)).items() <= handle_file(path).items()
