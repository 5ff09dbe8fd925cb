"""The form that a ComfyUI workflow brings, in the page: a name that is not on the server's list stays as typed."""

import json
from collections.abc import Iterator
from copy import deepcopy
from uuid import uuid4

import pytest
from playwright.sync_api import BrowserContext, expect

from backends.comfyui import ComfyUIBackend
from studio.models import add_model
from tests.backends.comfyui import peer as peers
from tests.backends.comfyui.peer import Peer
from tests.backends.comfyui.test_comfyui import PAINT
from tests.browser import studio_page
from tests.browser.conftest import Studio, page_of
from tests.browser.studio_page import StudioPage


@pytest.fixture(scope="module")
def peer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    with peers.running(tmp_path_factory.mktemp("peer")) as one:
        yield one


@pytest.fixture(scope="module")
def own_studio(peer: Peer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    folder = tmp_path_factory.mktemp("workflows")
    source = folder / "fox_api.json"
    source.write_text(json.dumps(PAINT), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STUDIO_COMFYUI_URL", peer.url)
        _, config = add_model(str(source), folder / "data" / "models", {"comfyui": ComfyUIBackend({})})
        patch.setattr(studio_page, "MODELS", {**studio_page.MODELS, "fox": config})
        server = Studio(folder / "data")
        server.start()
        yield server
        server.stop()


@pytest.fixture
def page(window: BrowserContext, own_studio: Studio) -> Iterator[StudioPage]:
    with page_of(window, own_studio, f"w {uuid4().hex[:8]}") as shown:
        yield shown


@pytest.fixture
def as_it_was(peer: Peer) -> Iterator[None]:
    yield
    peer.info = deepcopy(peers.OBJECT_INFO)
    peer.faults.clear()


@pytest.mark.usefixtures("as_it_was")
def test_the_list_is_the_servers_as_it_is_when_it_opens(page: StudioPage, peer: Peer) -> None:
    page.choose("fox")
    box, options = page.field("fox", "checkpoint").locator("input"), page.page.get_by_role("option")
    peer.info["CheckpointLoaderSimple"]["input"]["required"]["ckpt_name"][0] += ["sdxl/Brand New.safetensors"]
    box.click()
    expect(options).to_have_text(["dream.safetensors", "real.safetensors", "sdxl/Brand New.safetensors"])
    expect(options.nth(0)).to_have_attribute("aria-selected", "true")
    box.fill("new sdxl")
    expect(options).to_have_text(["sdxl/Brand New.safetensors"])
    box.press("ArrowDown")
    box.press("Enter")
    expect(box).to_have_value("sdxl/Brand New.safetensors")
    expect(options).to_have_count(0)
    page.fill("fox", {"prompt": "a crow", "steps": 3})
    job = page.job(page.generate("fox"))
    assert job["options"]["checkpoint"] == "sdxl/Brand New.safetensors"
    assert peer.prompts[-1]["prompt"]["4"]["inputs"]["ckpt_name"] == "sdxl/Brand New.safetensors"


@pytest.mark.usefixtures("as_it_was")
def test_a_server_that_is_away_takes_neither_the_value_nor_the_last_list(page: StudioPage, peer: Peer) -> None:
    page.choose("fox")
    box, options = page.field("fox", "checkpoint").locator("input"), page.page.get_by_role("option")
    box.fill("mine.safetensors")
    box.blur()
    peer.faults["/object_info"] = ["drop"] * 3
    box.click()
    note = page.page.locator(".suggestions [role=status]")
    expect(note).to_contain_text("ComfyUI does not answer")
    expect(note).to_contain_text("The list may be an older one.")
    expect(options.filter(has_text="real.safetensors")).to_be_visible()
    box.press("Escape")
    expect(note).to_have_count(0)
    expect(box).to_have_value("mine.safetensors")


def test_a_workflow_runs_and_its_job_brings_back_a_name_that_is_not_on_the_list(page: StudioPage) -> None:
    page.choose("fox")
    page.fill("fox", {"prompt": "a crow", "steps": 3, "checkpoint": "real.safetensors"})
    card = page.card(page.generate("fox").get_attribute("data-job") or "")
    box = page.field("fox", "checkpoint").locator("input")
    box.fill("gone.safetensors")
    box.blur()
    failed = page.generate("fox", "failed")
    page.reuse(card)
    expect(box).to_have_value("real.safetensors")
    assert page.read_all("fox") == page.job(card)["options"] | {"seed": page.job(card)["seed"]}
    page.reuse(failed)
    expect(box).to_have_value("gone.safetensors")
    assert page.job(failed)["options"]["checkpoint"] == "gone.safetensors"


@pytest.mark.parametrize("seed", [2**64 - 1, 2**53 + 1, 0])
def test_a_seed_of_64_bits_is_exact_wherever_it_is_shown_or_sent(page: StudioPage, peer: Peer, seed: int) -> None:
    page.choose("fox")
    page.fill("fox", {"prompt": "a crow", "steps": 3, "checkpoint": "real.safetensors", "seed": seed})
    shown = page.read_all("fox")
    card = page.generate("fox")
    job = page.job(card)
    assert shown["seed"] == job["seed"] == job["options"]["seed"] == seed
    assert peer.prompts[-1]["prompt"]["3"]["inputs"]["seed"] == seed
    expect(card.locator(".seed")).to_contain_text(f"Seed {seed}")

    page.reload()
    page.choose("pattern")
    page.reuse(page.cards.first)
    expect(page.notice).to_contain_text("Restored all")
    assert page.read_all("fox") == shown
    page.ask(page.cards.first, "Choose…")
    assert not any(differs for _, differs in page.choosing.rows())
    page.choosing.close()
    again = page.generate("fox")
    assert page.job(again)["options"] == job["options"]
    page.wait_until(lambda: page.draft("fox").get("seed") == seed)
    page.reload()
    page.wait_until(lambda: page.read_all("fox") == shown)
