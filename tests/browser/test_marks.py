"""The marks at what differs from the job that a form was filled from, as a user sees and uses them."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, expect

from tests import media_samples
from tests.browser.studio_page import JOB_SECONDS, StudioPage

JOB: dict[str, Any] = {"prompt": "calm ocean", "style": "mandala", "petals": 20, "seed": 7, "width": 128, "height": 128}


def reused(page: StudioPage) -> str:
    """A job of `pattern`, reused."""
    page.choose("pattern")
    page.fill("pattern", JOB)
    job = str(page.generate("pattern").get_attribute("data-job"))
    page.reuse(page.card(job))
    expect(line(page)).to_have_count(0)
    return job


def line(page: StudioPage) -> Locator:
    """What says above the form that shows how many changes there are."""
    return page.page.locator(".changes-line:visible")


def mark(page: StudioPage, name: str, model_id: str = "pattern") -> Locator:
    return page.page.locator(f"#field-{model_id}-{name} > .mark")


def changes(page: StudioPage) -> str:
    return " ".join(line(page).inner_text().split())


def test_what_differs_from_the_job_is_marked_and_has_a_way_back(page: StudioPage) -> None:
    reused(page)
    page.fill("pattern", {"prompt": "calm ocean at dawn", "petals": 31, "seed": None})
    for name in ("prompt", "petals", "seed"):
        expect(mark(page, name)).to_be_visible()
    assert changes(page) == "3 changes since calm ocean"

    mark(page, "petals").hover()
    expect(mark(page, "petals").locator(".mark-was")).to_be_visible()
    expect(mark(page, "petals")).to_have_accessible_name("Petals: back to 20")
    mark(page, "petals").click()
    expect(mark(page, "petals")).to_have_count(0)
    assert page.read("pattern", "petals") == 20

    mark(page, "prompt").focus()
    page.page.keyboard.press("Enter")
    expect(mark(page, "prompt")).to_have_count(0)
    expect(page.field("pattern", "prompt")).to_be_focused()
    assert page.read("pattern", "prompt") == "calm ocean"

    mark(page, "seed").focus()
    page.page.keyboard.press("Space")
    expect(line(page)).to_have_count(0)
    assert page.read("pattern", "seed") == 7


def test_the_line_lists_the_changes_each_with_a_way_back(page: StudioPage) -> None:
    reused(page)
    page.fill("pattern", {"style": "silk", "seed": 9})
    expect(line(page)).to_contain_text("2 changes")
    line(page).click()
    rows = page.group("pattern").locator(".changes-list [data-name]")
    expect(rows.filter(has_text="Style")).to_contain_text("Mandala")
    rows.filter(has_text="Style").get_by_role("button").click()
    expect(rows).to_have_count(1)
    expect(page.field("pattern", "petals")).to_be_visible()
    shown = page.read_all("pattern")
    assert (shown["style"], shown["petals"], shown["seed"]) == ("mandala", 20, 9)


def test_undo_and_redo_bring_their_marks(page: StudioPage) -> None:
    job = reused(page)
    page.fill("pattern", {"petals": 31})
    expect(line(page)).to_contain_text("1 change")
    page.reset()
    expect(line(page)).to_have_count(0)
    page.notice.get_by_role("button", name="Undo").click()
    expect(line(page)).to_contain_text("1 change")
    assert changes(page) == "1 change since calm ocean"
    page.notice.get_by_role("button", name="Redo").click()
    expect(line(page)).to_have_count(0)
    page.fill("pattern", {"prompt": "from nowhere"})
    expect(line(page)).to_contain_text("from the defaults")
    page.reuse(page.card(job))
    expect(line(page)).to_have_count(0)


def test_the_marks_are_there_again_after_a_reload_and_another_form_has_its_own(page: StudioPage) -> None:
    reused(page)
    page.fill("pattern", {"petals": 31})
    page.wait_until(lambda: page.draft("pattern").get("petals") == 31)
    page.reload()
    expect(mark(page, "petals")).to_be_visible()
    assert changes(page) == "1 change since calm ocean"
    page.choose("audio-edit")
    expect(line(page)).to_have_count(0)
    page.fill("audio-edit", {"trim": True})
    expect(line(page)).to_contain_text("from the defaults")
    page.choose("pattern")
    assert changes(page) == "1 change since calm ocean"


def test_a_picture_that_is_replaced_comes_back(page: StudioPage, tmp_path: Path) -> None:
    old = media_samples.png(tmp_path / "old.png", seed=405)  # of its own: what is stored keeps its first name
    new = media_samples.png(tmp_path / "new.png", seed=2)
    page.choose("image-edit")
    page.fill("image-edit", {"image": old, "operation": "rotate"})
    page.reuse(page.generate("image-edit"))
    expect(line(page)).to_have_count(0)
    page.fill("image-edit", {"image": new})
    back = page.page.get_by_role("button", name="Image: back to old.png")
    expect(back).to_have_count(1)
    back.click()
    expect(line(page)).to_have_count(0)
    assert page.read("image-edit", "image") == old.read_bytes()


def test_what_is_folded_away_is_counted_and_marked_when_it_is_unfolded(page: StudioPage) -> None:
    reused(page)
    page.fill("pattern", {"width": 256})
    expect(mark(page, "width")).to_be_visible()
    page.wait_until(lambda: page.draft("pattern").get("width") == 256)
    page.reload()
    expect(line(page)).to_contain_text("1 change")
    expect(mark(page, "width")).to_have_count(0)
    page.field("pattern", "width")
    expect(mark(page, "width")).to_be_visible()


def test_what_is_said_of_a_reuse_goes_with_the_first_edit_and_its_report_can_be_read_again(page: StudioPage) -> None:
    reused(page)
    words = page.notice.locator(".notice-words")
    expect(words).to_contain_text("Restored all")
    page.notice.get_by_role("button", name="Report").click()
    report = page.page.get_by_role("region", name="What came back")
    expect(report).to_contain_text("As in the job: Prompt · Style")
    page.page.keyboard.press("Escape")
    expect(report).to_be_hidden()
    page.fill("pattern", {"petals": 31})
    expect(words).to_have_text("")
    line(page).click()
    page.group("pattern").get_by_role("button", name="What came back").click()
    expect(report).to_contain_text("As in the job: Prompt · Style")
    page.notice.get_by_role("button", name="Undo").click()  # stays when the words are gone
    expect(words).to_contain_text("Undone")
    page.choose("collage")
    expect(words).to_have_text("")


def test_several_jobs_each_have_a_seed_of_their_own(page: StudioPage) -> None:
    page.choose("pattern")
    page.fill("pattern", {"prompt": "several", "width": 128, "height": 128})
    page.group("pattern").get_by_role("spinbutton", name="Jobs to make").press("3")
    page.group("pattern").locator(".generate").click()
    expect(page.cards.and_(page.page.locator(".is-completed"))).to_have_count(3, timeout=JOB_SECONDS * 1000)
    seeds = {page.job(card)["seed"] for card in page.cards.all()}
    assert len(seeds) == 3
    seed = page.field("pattern", "seed")
    seed.get_by_role("button", name="Keep the seed").click()
    expect(seed.get_by_role("button", name="Keep the seed")).to_have_attribute("aria-pressed", "true")
    kept = page.read("pattern", "seed")
    assert kept == page.job(page.cards.nth(2))["seed"]  # the first of them
    page.group("pattern").get_by_role("spinbutton", name="Jobs to make").press("2")
    page.group("pattern").locator(".generate").click()
    expect(page.cards).to_have_count(5)
    assert [page.job(card)["seed"] for card in page.cards.all()[:2]] == [(kept + 1) % 2**32, kept]
    seed.get_by_role("button", name="random seed").click()
    assert page.read("pattern", "seed") is None
