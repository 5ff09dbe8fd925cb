"""The drawn components in a real browser: what they show, what they tell, and what survives a live update."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import gradio as gr
import pytest
from playwright.sync_api import Browser, Page, expect

from components.job_details import job_details
from components.job_gallery import job_gallery
from components.stage import stage
from components.theme import page_assets

HOSTILE = "${alert(1)} {{7*7}} <img src=x onerror=alert(1)> C:\\users"


def card(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": f"job-{number}",
        "status": "completed",
        "progress": None,
        "progress_text": None,
        "type": "image",
        "model_id": "pattern",
        "model_name": "Pattern",
        "prompt": f"study {number}",
        "seed": number,
        "created_at": "2026-01-02T03:04:05+00:00",
        "favourite": False,
        "preview": None,
        "result": None,
        "error": None,
    } | changes


@dataclass
class Server:
    """Plays the server's part: holds what the page shows and writes down what the page tells."""

    cards: list[dict[str, Any]] = field(default_factory=list)
    job: dict[str, Any] | None = None
    cursor: str | None = None
    next: str | None = None
    told: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def gallery(self) -> dict[str, Any]:
        workspace = {"id": "w", "name": "Work"}
        shown = {"cards": self.cards, "cursor": self.cursor, "next": self.next, "total": len(self.cards)}
        filters = {"asked": 0, "active": False, "search": "", "chosen": False}
        return copy.deepcopy({"workspace": workspace, "exact": True, "filters": filters} | shown)

    def stage(self) -> dict[str, Any]:
        return copy.deepcopy({"job": self.job, "queue": []})

    def details(self) -> dict[str, Any]:
        entry = {"name": "file", "label": HOSTILE, "kind": "image", "value": 1, "text": HOSTILE, "hidden": False}
        more = {
            "inputs": [entry | {"url": "javascript:alert(1)"}],
            "finished_at": None,
            "duration_s": 1.5,
            "media": None,
        }
        return copy.deepcopy(self.cards[0] | more)


def build(server: Server) -> gr.Blocks:
    with gr.Blocks() as blocks:
        gallery, details, middle = job_gallery(), job_details(), stage()
        tick = gr.Button("Tick", elem_id="tick")

        def tell(name: str) -> Any:
            def handler(event: gr.EventData) -> None:
                server.told.append((name, dict(event._data)))

            return handler

        def opened(event: gr.EventData) -> dict[str, Any]:
            server.told.append(("open", dict(event._data)))
            return server.details()

        for name in ("favourite", "delete", "undelete", "turn_page"):
            getattr(gallery, name)(tell(name), None, None, queue=False, trigger_mode="multiple")
        gallery.open(opened, None, details, queue=False, show_progress="hidden")
        middle.cancel(tell("cancel"), None, None, queue=False)
        tick.click(lambda: (server.gallery(), server.stage()), None, [gallery, middle], queue=False)
    return blocks


@pytest.fixture(scope="module")
def site() -> Iterator[tuple[Server, str]]:
    server = Server()
    blocks = build(server)
    _, url, _ = blocks.launch(prevent_thread_lock=True, quiet=True, ssr_mode=False, footer_links=[], **page_assets())
    yield server, url
    blocks.close()


@pytest.fixture
def server(site: tuple[Server, str]) -> Server:
    site[0].__dict__.update(Server(cards=[card(number) for number in (3, 2, 1)]).__dict__)
    return site[0]


@pytest.fixture
def page(chromium: Browser, site: tuple[Server, str], server: Server) -> Iterator[Page]:
    page = chromium.new_page()
    trouble: list[str] = []
    page.on("dialog", lambda dialog: (trouble.append(dialog.message), dialog.dismiss()))
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.goto(site[1])
    page.wait_for_function("window.studio?.form")
    page.evaluate("() => { window.asked = []; studio.form.ask = (...question) => asked.push(question); }")
    yield page
    page.close()
    assert trouble == []


def show(page: Page) -> None:
    page.get_by_role("button", name="Tick").click()
    expect(page.locator(".skeleton")).to_have_count(0)


def expect_told(page: Page, server: Server, events: list[tuple[str, dict[str, Any]]]) -> None:
    """Waits until the server was told as many events, for at most five seconds."""
    for _ in range(100):
        if len(server.told) >= len(events):
            break
        page.wait_for_timeout(50)
    assert server.told == events


def test_a_skeleton_stands_until_the_jobs_are_known(page: Page) -> None:
    expect(page.locator(".skeleton").first).to_be_visible()
    show(page)
    expect(page.locator(".card")).to_have_count(3)


def test_hostile_text_is_shown_as_it_was_written(page: Page, server: Server) -> None:
    server.cards = [
        card(1, prompt=HOSTILE, model_name=HOSTILE, status="failed", error=HOSTILE, preview="javascript:alert(1)")
    ]
    server.job = server.cards[0]
    show(page)
    expect(page.locator(".card .prompt")).to_have_text(HOSTILE)
    expect(page.locator(".card .why")).to_have_text(HOSTILE)
    expect(page.locator(".stage .problem")).to_have_text(HOSTILE)
    page.locator(".card .open").click()
    expect(page.locator(".facts dt").first).to_have_text(HOSTILE)
    expect(page.locator("dialog [href^=javascript], dialog [src^=javascript]")).to_have_count(0)


def test_every_button_has_a_name_and_a_tooltip(page: Page) -> None:
    show(page)
    buttons = page.locator(".card button:not(.open)")
    expect(buttons).to_have_count(15)
    for button in buttons.all():
        assert button.get_attribute("aria-label")
        assert button.get_attribute("title")


def test_reuse_is_busy_from_the_click_until_the_page_says_done(page: Page, server: Server) -> None:
    show(page)
    reuse = page.locator(".card .reuse").first
    reuse.click()
    expect(reuse).to_have_attribute("aria-busy", "true")
    page.evaluate("window.studio.reuseDone('job-3')")
    expect(reuse).not_to_have_attribute("aria-busy", "true")
    expect(reuse).to_have_attribute("data-end", "done")
    assert page.evaluate("asked") == [["reuse", {"id": "job-3", "click": 1, "seed": None}, "pattern"]]


def test_of_two_reuse_clicks_the_last_one_is_wanted(page: Page, server: Server) -> None:
    show(page)
    page.evaluate("document.querySelectorAll('.card .reuse').forEach((button, index) => index < 2 && button.click())")
    busy = page.locator(".card [aria-busy=true]")
    expect(busy).to_have_count(1)
    expect(page.locator("[data-job=job-2] .reuse")).to_have_attribute("aria-busy", "true")
    assert page.evaluate("window.studio.wanted") == 2
    page.evaluate("window.studio.reuseDone('job-3')")
    expect(busy).to_have_count(1)


def test_a_live_update_keeps_the_focus_and_the_nodes(page: Page, server: Server) -> None:
    show(page)
    page.locator("[data-job=job-1] .reuse").focus()
    page.evaluate("document.querySelector('[data-job=job-1]').mark = 'same'")
    server.cards = [card(4), *server.cards[:2], card(1, status="failed", error="No memory")]
    page.evaluate("document.getElementById('tick').click()")
    expect(page.locator(".card")).to_have_count(4)
    expect(page.locator("[data-job=job-1] .why")).to_have_text("No memory")
    assert page.locator(".card").evaluate_all("nodes => nodes.map((node) => node.dataset.job)") == [
        "job-4",
        "job-3",
        "job-2",
        "job-1",
    ]
    assert page.evaluate("document.activeElement.closest('.card').mark") == "same"


def test_a_deleted_job_can_be_brought_back_from_the_bar(page: Page, server: Server) -> None:
    show(page)
    delete = page.locator("[data-job=job-2] .delete")
    delete.focus()
    page.keyboard.press("Enter")
    undo = page.get_by_role("button", name="Undo")
    expect(undo).to_be_focused()
    page.keyboard.press("Enter")
    expect(undo).to_have_count(0)
    expect_told(page, server, [("delete", {"id": "job-2"}), ("undelete", {"id": "job-2"})])


def test_favourite_shows_at_once_and_falls_back_to_what_the_server_says(page: Page, server: Server) -> None:
    show(page)
    heart = page.locator("[data-job=job-3] .favourite")
    heart.focus()
    heart.press("Space")
    expect(heart).to_have_attribute("aria-pressed", "true")
    expect_told(page, server, [("favourite", {"id": "job-3", "on": True})])
    expect(heart).to_have_attribute("aria-pressed", "false", timeout=6000)


def test_older_and_newer_walk_back_and_forth_over_the_cursors(page: Page, server: Server) -> None:
    server.next = "c1"
    show(page)
    page.get_by_role("button", name="Older jobs").click()
    server.cursor, server.next = "c1", None
    show(page)
    expect(page.get_by_text("Page 2")).to_be_visible()
    expect(page.get_by_role("button", name="Older jobs")).to_be_disabled()
    page.get_by_role("button", name="Newer jobs").click()
    expect(page.locator(".cards")).to_have_attribute("aria-busy", "true")
    expect_told(page, server, [("turn_page", {"cursor": "c1"}), ("turn_page", {"cursor": None})])


def test_an_empty_workspace_says_what_will_appear(page: Page, server: Server) -> None:
    server.cards = []
    show(page)
    expect(page.get_by_text("No jobs yet")).to_be_visible()
    expect(page.get_by_text("Make something")).to_be_visible()


def test_the_same_job_opens_again_after_escape(page: Page) -> None:
    show(page)
    dialog = page.get_by_role("dialog", name="Job details")
    for _ in range(2):
        page.locator(".card .open").first.click()
        expect(dialog).to_be_visible()
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
    expect(page.locator(".card .open").first).to_be_focused()


def test_progress_moves_without_a_new_scene_and_cancel_names_the_job(page: Page, server: Server) -> None:
    server.job = card(9, status="running", progress=0.25, progress_text="Drawing")
    show(page)
    cancel = page.locator(".stage .cancel")
    cancel.evaluate("node => { node.mark = 'same'; }")
    server.job |= {"progress": 0.5}
    show(page)
    expect(page.locator(".stage .progress").first).to_have_attribute("aria-valuenow", "50")
    assert cancel.evaluate("node => node.mark") == "same"
    cancel.click()
    expect(cancel).to_be_disabled()
    expect_told(page, server, [("cancel", {"id": "job-9"})])


@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_is_wider_than_the_window(page: Page, server: Server, width: int) -> None:
    server.cards = [card(1, prompt="x" * 2000, model_name="m" * 200), card(2, prompt="שקיעה " * 40)]
    server.job = server.cards[0]
    page.set_viewport_size({"width": width, "height": 800})
    show(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
