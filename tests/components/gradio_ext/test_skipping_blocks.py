"""Answers by component are Gradio's own, whatever of them is skipped, and what is skipped is not made anew."""

from copy import deepcopy
from typing import Any

import gradio as gr
import pytest
from anyio.from_thread import start_blocking_portal
from gradio.state_holder import SessionState

from components.gradio_ext.skipping_blocks import SkippingBlocks


class Page:
    def __init__(self, kind: type[gr.Blocks]) -> None:
        with kind(analytics_enabled=False) as self.blocks:
            self.parts = [gr.Textbox("a"), gr.Dropdown(["x", "y"], value="x"), gr.JSON({"a": 1})]
            gr.Button().click(lambda: None, None, self.parts)
        (self.event,) = self.blocks.fns.values()
        self.state = SessionState(self.blocks)

    def answer(self, told: Any) -> list[Any]:
        by_component = {self.parts[place]: value for place, value in told.items()} if isinstance(told, dict) else told
        with start_blocking_portal() as portal:
            return list(portal.call(self.blocks.postprocess_data, self.event, by_component, self.state))


@pytest.mark.parametrize(
    "told",
    [
        {0: "b"},
        {0: None, 2: [1]},
        {1: gr.update(choices=["y", "z"], value="z")},
        {0: "b", 1: gr.skip(), 2: {"b": 2}},
        {0: gr.skip(), 1: gr.skip(), 2: gr.skip()},
        ["b", "y", None],
        [gr.skip(), "y", gr.update(visible=False)],
    ],
    ids=str,
)
def test_an_answer_is_as_gradio_gives_it(told: Any) -> None:
    own, gradios = Page(SkippingBlocks), Page(gr.Blocks)
    for answer in (told, {1: "y"}):
        assert own.answer(deepcopy(answer)) == gradios.answer(deepcopy(answer))


def test_gradio_makes_anew_what_an_answer_skips() -> None:
    """Or this whole module has become needless."""
    page = Page(gr.Blocks)
    page.answer({0: "b", 1: gr.skip()})
    assert page.state.blocks_config.blocks[page.parts[1]._id] is not page.parts[1]


def test_one_skip_for_all_is_one_for_each_and_makes_nothing_anew() -> None:
    page = Page(SkippingBlocks)
    with start_blocking_portal() as portal:
        assert portal.call(page.blocks.postprocess_data, page.event, gr.skip(), page.state) == [gr.skip()] * 3
    assert page.state.blocks_config.blocks[page.parts[0]._id] is page.parts[0]


def test_a_component_that_is_no_output_is_refused_as_by_gradio() -> None:
    for kind in (SkippingBlocks, gr.Blocks):
        page = Page(kind)
        with start_blocking_portal() as portal, pytest.raises(ValueError, match="not specified as output"):
            portal.call(page.blocks.postprocess_data, page.event, {gr.Textbox(): "b"}, page.state)
