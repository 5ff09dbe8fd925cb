"""The whole way of models that other machines run, each on its backend's peer: all that is entered is sent, comes back
from another model's form, and is sent again untouched as it was.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import BrowserContext, expect

from model_configs.kinds import Size
from model_configs.schema import (
    Boolean,
    Choice,
    Choices,
    Integer,
    Loras,
    ModelConfig,
    Number,
    Parameter,
    Seed,
    Text,
)
from tests import shipped
from tests.backends.local_runs import sample_media
from tests.browser.backend_peers import Peers, running
from tests.browser.conftest import page_of
from tests.browser.studio_page import StudioPage

SHIPPED = [id_ for id_, config in shipped.SHIPPED.items() if config.backend.kind == "runpod"]


@pytest.fixture(scope="module")
def peers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peers]:
    with running(tmp_path_factory.mktemp("peers")) as found:
        yield found


@pytest.fixture
def page(window: BrowserContext, peers: Peers) -> Iterator[StudioPage]:
    with page_of(window, peers.studio, f"w {uuid4().hex[:8]}") as shown:
        yield shown


@pytest.mark.parametrize("model_id", [*SHIPPED, "fox", "app", "painter"])
def test_what_is_entered_is_sent_and_comes_back_and_is_sent_again(
    page: StudioPage, peers: Peers, tmp_path: Path, model_id: str
) -> None:
    config = peers.models[model_id]
    entered = other_values(config, sample_media(tmp_path))
    page.choose(model_id)
    page.fill(model_id, entered)
    shown = page.read_all(model_id)
    files = config.media()
    assert shown == {name: value.read_bytes() if name in files else value for name, value in entered.items()}
    first = page.generate(model_id)
    made, options, sent = page.made(first), page.job(first)["options"], peers.last_sent(model_id)
    assert {name: value for name, value in options.items() if name not in files} == {
        name: value for name, value in entered.items() if name not in files
    }

    page.reload()
    page.choose("pattern")
    page.reuse(page.cards.first)
    expect(page.notice).to_contain_text("Restored all")
    assert page.read_all(model_id) == shown

    again = page.generate(model_id)
    assert page.job(again)["options"] == options
    assert peers.last_sent(model_id) == sent
    assert page.made(again) == made
    assert page.job(again)["texts"] == page.job(first)["texts"]  # the Gradio app tells what it was sent


def test_a_model_that_is_loaded_says_so_and_is_unloaded_by_a_press(
    page: StudioPage, peers: Peers, tmp_path: Path
) -> None:
    line = page.group("painter").locator(".loaded")
    page.choose("painter")
    page.fill("painter", {**other_values(peers.models["painter"], sample_media(tmp_path)), "prompt": "with weights"})
    page.generate("painter")
    expect(line.locator(".loaded-words")).to_have_text(re.compile(r"^Loaded, \d+ MB$"))
    page.page.locator(".model-choice input:visible").click()
    option = page.page.get_by_role("option", name="Painter", exact=True)
    expect(option).to_be_visible()  # Gradio names its options by aria-label, which the stylesheet relies on
    assert option.evaluate("one => getComputedStyle(one, '::after').content") == '"loaded"'
    page.page.keyboard.press("Escape")

    line.get_by_role("button", name="Unload").click()
    expect(line).to_be_hidden()
    assert option.evaluate_all("all => all.map(one => getComputedStyle(one, '::after').content)") in ([], ["none"])
    page.generate("painter")
    expect(line.locator(".loaded-words")).to_be_visible()


def other_values(config: ModelConfig, media: Mapping[str, Path]) -> dict[str, Any]:
    """Values that show, parents first, and other ones than those the form begins with."""
    kinds = config.media()
    values = {name: media[kinds[name]] if name in kinds else other(config.parameters[name]) for name in config.order}
    shown = config.visible(values)
    return {name: value for name, value in values.items() if name in shown}


def other(parameter: Parameter) -> Any:
    match parameter:
        case Text(default=""):
            return "{}" if parameter.group == "advanced" else "a <b>crow</b> ünï"
        case Text():
            return parameter.default
        case Boolean():
            return not parameter.default
        case Seed():
            return min(parameter.maximum, 2**64 - 1)
        case Choice():
            return parameter.choices[-1].value
        case Choices():
            return [option.value for option in parameter.choices[1:]]
        case Loras():
            return [{"path": "styles/ink.safetensors", "weight": 0.5}]
        case Size():
            return {"width": 2 * parameter.default.width, "height": parameter.default.height}
        case Integer(default=int(now), maximum=most, step=step):
            return now + step if most is None or now + step <= most else now - step
        case Number(default=float(now), maximum=most, step=step):
            return round(now + step if most is None or now + step <= most else now - step, 6)
        case Integer() | Number():
            return parameter.minimum or 8
    raise AssertionError(parameter)
