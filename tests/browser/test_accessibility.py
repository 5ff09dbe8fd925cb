"""axe-core finds nothing serious on the page, in whatever state it is, light and dark, on a desk and on a phone."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, expect
from sqlalchemy import insert

from storage import tables
from storage.database import open_database
from storage.jobs.store import JobStatus
from storage.media.store import MediaStore
from storage.workspaces import WorkspaceStore
from studio.settings import LOCAL_USER, Settings
from tests import media_samples
from tests.browser.conftest import Studio
from tests.browser.studio_page import StudioPage
from tests.browser.test_from_file import BARE, MADE, drop
from tests.browser.test_jobs_from_files import drop as drop_several

AXE = Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js"
RUN = """async ([part, rules]) => {
  const { violations } = await axe.run(part, { resultTypes: ["violations"], ...(rules && { runOnly: rules }) });
  const words = ({ target, any, all, none }) => [target, ...[...any, ...all, ...none].map(({ message }) => message)];
  return violations.filter(({ impact }) => ["serious", "critical"].includes(impact))
    .flatMap(({ id, nodes }) => nodes.map((node) => [id, ...words(node)].join(": ")));
}"""
AT_REST = """() => document.getAnimations().every((one) => one.playState !== "running"
  || one.effect.getComputedTiming().iterations === Infinity)"""
SIZES = {
    "desk": {"width": 1440, "height": 900},
    "tablet": {"width": 900, "height": 1000},
    "phone": {"width": 390, "height": 844},
}
COLOURS = ["color-contrast"]
"""What else axe looks for is the same in the dark."""

pytestmark = pytest.mark.skipif(not AXE.exists(), reason="axe-core is not there: npm ci")


class Looker:
    """Looks at states of a page, and keeps what is wrong in any of them."""

    def __init__(self, page: StudioPage) -> None:
        self.shown = page
        self.page = page.page
        self.found: dict[str, list[str]] = {}
        self.page.evaluate(AXE.read_text())

    def look(self, state: str, part: str = "body", sizes: tuple[str, ...] = ("desk", "phone")) -> None:
        """At the part that a state changes, light and dark, on a desk and on a phone unless other sizes are named."""
        for size in sizes:
            self.page.set_viewport_size(SIZES[size])  # type: ignore[arg-type]
            for scheme, rules in (("light", None), ("dark", COLOURS)):
                self.page.evaluate("(on) => document.body.classList.toggle('dark', on)", scheme == "dark")
                self.page.wait_for_function(AT_REST)
                if faults := self.page.evaluate(RUN, [part, rules]):
                    self.found[f"{state}, {size}, {scheme}"] = faults
        self.page.evaluate("document.body.classList.remove('dark')")
        self.page.set_viewport_size(SIZES["desk"])  # type: ignore[arg-type]

    def look_at_menu(self, state: str, button: Locator) -> None:
        """At what a press on a button opens, which Escape closes."""
        button.click()
        expect(self.page.locator(".reuse-menu")).to_be_visible()
        self.look(state, ".reuse-menu")
        self.page.keyboard.press("Escape")


@pytest.fixture
def looker(page: StudioPage) -> Iterator[Looker]:
    looker = Looker(page)
    yield looker
    assert looker.found == {}


def test_what_is_made_and_what_is_said_of_it_has_no_serious_fault(looker: Looker, tmp_path: Path) -> None:
    page = looker.shown
    looker.look("empty", sizes=("desk", "tablet", "phone"))
    page.choose("pattern")
    page.fill("pattern", {"prompt": "a calm sea", "width": 128, "height": 128})
    card = page.generate("pattern")
    looker.look("one job", ".studio-gallery")
    page.details(card)
    looker.look("details", ".stage")
    page.page.keyboard.press("Escape")
    page.reuse(card)
    page.fill("pattern", {"prompt": "another sea"})
    page.page.locator(".changes-line:visible").click()
    looker.look("changes", ".studio-form", ("desk",))
    page.page.keyboard.press("Escape")
    page.ask(card, "Choose…")
    looker.look("Choose", "dialog.choose")
    page.choosing.close()
    looker.look_at_menu("menu", card.locator(".reuse-more"))
    looker.look_at_menu("presets", page.page.locator(".presets button:visible"))
    page.choose("ken-burns")
    page.group("ken-burns").locator(".generate").click()
    expect(page.refusal("ken-burns", "image")).to_be_visible()
    looker.look("refused", ".studio-form", ("desk",))
    photo = media_samples.png(tmp_path / "p.png", size=(640, 480), seed=732)
    page.fill("ken-burns", {"image": photo, "duration": 60, "size": "1280x720", "fps": 24})
    page.group("ken-burns").locator(".generate").click()
    expect(page.page.locator(".scene .work-percent")).to_contain_text("%")
    looker.look("running", ".stage", ("desk",))
    page.page.set_viewport_size(SIZES["phone"])  # type: ignore[arg-type]
    expect(page.page.locator(".work-bar")).to_be_visible()
    looker.look("running", ".news-area", ("phone",))
    page.page.locator(".scene [data-do=cancel], .work-bar [data-do=cancel]").locator("visible=true").first.click()
    expect(page.cards.first.locator(".badge")).to_have_text("Cancelled")


def _put(studio: Studio, workspace: str, jobs: Sequence[dict[str, object]], files: dict[str, Path]) -> None:
    """Put jobs into a workspace; the result of one is named by the key of a file."""
    engine = open_database(Settings(data_dir=studio.data_dir).database)
    media = MediaStore(engine, Settings(data_dir=studio.data_dir).media)
    keys = {name: media.put(LOCAL_USER, path, path.name).key for name, path in files.items()}
    (here,) = (one.id for one in WorkspaceStore(engine).list(LOCAL_USER) if one.name == workspace)
    plain = {"user_id": LOCAL_USER, "workspace_id": here, "type": "image", "model_id": "pattern", "model_version": 1}
    plain |= {"options": '{"prompt": "fox"}', "prompt": "fox", "favourite": True, "created_at": datetime.now(UTC)}
    plain |= {"status": JobStatus.COMPLETED, "seed": 7, "rating": 3, "labels": "Portrait\nSea", "error": None}
    plain |= {"deleted_at": None, "error_detail": None, "result_url": None}
    with engine.begin() as connection:
        rows = [{**plain, **job, "id": str(uuid4())} for job in jobs]
        for row in rows:
            row["result_url"] = keys.get(str(row["result_url"]))
        connection.execute(insert(tables.table(tables.Job)), rows)
    engine.dispose()


@pytest.fixture
def ended(studio: Studio, page: StudioPage) -> None:
    """Jobs in the page's workspace: one is done, labelled and rated, one was cancelled, one failed, two are deleted."""
    jobs: list[dict[str, object]] = [
        {},
        {"status": JobStatus.CANCELLED},
        {"status": JobStatus.FAILED, "error": "The model ran out of memory.", "error_detail": "Traceback\n  line 3"},
        *({"deleted_at": datetime.now(UTC)} for _ in range(2)),
    ]
    _put(studio, page.workspace, jobs, {})


@pytest.fixture
def media(studio: Studio, page: StudioPage, tmp_path: Path) -> None:
    """Jobs in the page's workspace: a picture, a film, a sound, and one that has nothing to show."""
    files = {
        "image": media_samples.png(tmp_path / "p.png", size=(640, 480), seed=733),
        "video": media_samples.video(tmp_path / "v.mp4", 1, seed=733),
        "audio": media_samples.audio(tmp_path / "a.wav", 1, seed=733),
    }
    models = {"image": "pattern", "video": "ken-burns", "audio": "audio-edit"}
    jobs = [{"type": type_, "model_id": models[type_], "result_url": type_} for type_ in files]
    _put(studio, page.workspace, [*jobs, {}], files)


def test_the_gallery_and_jobs_that_ended_in_any_way_have_no_serious_fault(looker: Looker, ended: None) -> None:
    page, gallery = looker.page, ".studio-gallery"
    expect(looker.shown.cards).to_have_count(3)
    for status in ("failed", "cancelled", "completed"):
        card = page.locator(f".card.is-{status}")
        card.locator(".open").click()
        expect(page.locator(f".scene.is-{status}")).to_be_visible()
        looker.look(f"{status} on the stage", ".stage")
    page.evaluate("document.body.classList.add('dark')")
    reuse = page.locator(".card.is-completed .reuse")  # on white in the dark too, which axe cannot tell over a picture
    on_white, on_dark = ("rgb(17, 95, 87)", "rgb(179, 38, 30)"), ("rgb(114, 207, 194)", "rgb(255, 138, 128)")
    for size, colours in (("phone", on_dark), ("desk", on_white)):
        page.set_viewport_size(SIZES[size])  # type: ignore[arg-type]
        for end, colour in zip(("done", "error"), colours, strict=True):
            reuse.evaluate("(button, end) => { button.dataset.end = end; }", end)
            expect(reuse).to_have_css("color", colour)
    page.set_viewport_size(SIZES["phone"])  # type: ignore[arg-type]
    reuse.hover()
    expect(reuse).to_have_css("background-color", "rgb(42, 42, 40)")
    page.set_viewport_size(SIZES["desk"])  # type: ignore[arg-type]
    reuse.evaluate("(button) => { delete button.dataset.end; }")
    looker.shown.details(page.locator(".card.is-failed"))
    looker.look("details of a failure", "dialog.job-details")
    looker.look_at_menu("labels", page.locator(".label-add"))
    page.keyboard.press("Escape")
    page.locator(".scene .keys-button").click()
    looker.look("keys", "dialog.keys", ("desk",))
    page.keyboard.press("Escape")
    looker.look_at_menu("times", page.locator(".when"))
    page.set_viewport_size(SIZES["phone"])  # type: ignore[arg-type]
    looker.look_at_menu("workspaces", page.locator(".workspace-more"))

    page.locator(".card .open").first.focus()
    page.keyboard.press("Control+a")
    looker.look("chosen", gallery)
    page.locator("[data-do=deleteChosen]").click()
    expect(page.locator(".gallery .undo")).to_be_visible()
    looker.look("deleted", gallery)
    page.get_by_role("button", name="Filters").click()
    page.locator(".filter-toggle[name=trashed]").click()
    expect(looker.shown.cards).to_have_count(5)
    looker.look("bin", gallery)
    page.locator(".empty-bin").click()
    looker.look("asked before", "dialog.confirm[open]", ("desk",))
    page.keyboard.press("Escape")
    page.get_by_role("searchbox").fill("wool:no fox")
    expect(page.locator(".gallery .empty:visible")).to_be_visible()
    looker.look("nothing found", gallery)


def test_films_sounds_damage_and_what_is_dropped_have_no_serious_fault(looker: Looker, media: None) -> None:
    page, sizes = looker.page, ("desk", "tablet")
    expect(looker.shown.cards).to_have_count(4)
    for type_, shown in (("video", "video"), ("audio", "audio")):
        page.locator(f".card.of-{type_} .open").click()
        expect(page.locator(f".scene {shown}")).to_be_attached()
        looker.look(f"{type_} on the stage", ".stage", (*sizes, "phone"))
    looker.shown.store(page.locator(".card.is-bare"), "favourite", "damage")
    expect(page.locator(".card.is-damaged")).to_be_attached()
    looker.shown.details(page.locator(".card.is-damaged"))
    looker.look("details of a damaged job", "dialog.job-details", sizes)
    page.keyboard.press("Escape")
    page.locator(".card.of-image:not(.is-damaged) .open").first.click()
    expect(page.locator(".scene img.last, .scene .frame img").first).to_be_visible()
    page.keyboard.press("Space")
    expect(page.locator(".is-full")).to_be_visible()
    looker.look("full window", ".stage", (*sizes, "phone"))
    page.keyboard.press("Escape")
    looker.look("all of it", sizes=("tablet",))
    drop(looker.shown, ".studio-gallery", "00042.png", MADE)
    expect(page.locator("dialog.file-panel")).to_be_visible()
    looker.look("a file", "dialog.file-panel")
    page.keyboard.press("Escape")
    drop_several(looker.shown, {"fox.png": MADE, "quiet.png": BARE})
    expect(page.locator("dialog.import-panel")).to_be_visible()
    looker.look("files", "dialog.import-panel")
    page.locator("dialog.import-panel [data-do=start]").click()
    expect(page.locator("dialog.import-panel .import-words")).to_contain_text("came into this workspace")
    looker.look("files that came", "dialog.import-panel", ("desk",))
    page.keyboard.press("Escape")
