"""Reuse where it is hard: hidden inputs, leftovers, fast clicks, missing files, undo, empty values, failures."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Route, expect

from tests import media_samples
from tests.browser.conftest import Studio, page_of
from tests.browser.studio_page import StudioPage, has

SMALL = {"width": 128, "height": 128}
BARE: dict[str, Any] = {"prompt": "bare", "style": "hills", "seed": 1, **SMALL}


def made(page: StudioPage, **values: Any) -> Any:
    """A finished job of `pattern`."""
    page.choose("pattern")
    page.fill("pattern", {**BARE, **values})
    return page.generate("pattern").get_attribute("data-job")


def test_a_dependent_that_was_hidden_comes_back_with_its_parent(page: StudioPage) -> None:
    """**Feature: job-input-reuse, Property 9: For any job with conditional inputs, when reuse is triggered, parent
    input values should be restored before dependent input values**

    **Feature: job-input-reuse, Property 10: For any job with conditional inputs, when parent inputs are restored,
    dependent inputs should become visible according to the model configuration's dependsOn rules**

    **Feature: job-input-reuse, Property 11: For any job with conditional inputs, when dependent inputs become
    visible, they should be populated with their original values**
    """
    job = made(page, style="mandala", petals=31, mirrored=False)
    page.fill("pattern", {"style": "silk"})
    expect(page.field("pattern", "petals")).to_be_hidden()
    page.reuse(page.card(job))
    expect(page.field("pattern", "petals")).to_be_visible()
    shown = page.read_all("pattern")
    assert (shown["style"], shown["petals"], shown["mirrored"]) == ("mandala", 31, False)
    assert "folds" not in shown


def test_a_bare_job_leaves_nothing_of_a_rich_one(page: StudioPage) -> None:
    """**Feature: job-input-reuse, Property 12: For any job with conditional inputs, when a conditional input's
    dependency is not met during reuse, the system should skip restoring that input value**
    """
    bare = made(page)
    at_first = page.read_all("pattern")
    rich = made(page, prompt="rich", style="mosaic", pieces=77, leading_width=2, palette="neon", finish=["border"])
    page.reuse(page.card(rich))
    page.reuse(page.card(bare))
    assert page.read_all("pattern") == at_first
    page.fill("pattern", {"style": "mosaic"})
    assert page.read("pattern", "pieces") == 140


def test_of_two_fast_clicks_the_second_wins_whole(page: StudioPage) -> None:
    first = made(page, prompt="first", style="flow", lines=20, seed=11)
    second = made(page, prompt="second", style="bokeh", lights=30, seed=22)
    page.choose("audio-edit")
    page.page.evaluate(
        "(ids) => ids.forEach((id) => document.querySelector(`.card[data-job='${id}'] .reuse`).click())",
        [first, second],
    )
    expect(page.card(second).locator(".reuse[data-end=done]")).to_be_attached()
    shown = page.read_all("pattern")
    assert (shown["prompt"], shown["style"], shown["lights"], shown["seed"]) == ("second", "bokeh", 30, 22)


def test_an_answer_that_comes_after_a_later_click_changes_nothing(page: StudioPage) -> None:
    first = made(page, prompt="first", style="flow", lines=20, seed=11)
    second = made(page, prompt="second", style="bokeh", lights=30, seed=22)
    held: list[Route] = []

    def hold(route: Route) -> None:
        data = route.request.post_data or ""
        held.append(route) if first in data else route.continue_()

    page.page.route("**/gradio_api/run/reuse_job*", hold)
    page.card(first).locator(".reuse").click()
    page.wait_until(lambda: bool(held))
    page.reuse(page.card(second))
    with page.page.expect_event("requestfinished", lambda request: request == held[0].request):
        held[0].continue_()
    again = page.generate("pattern")
    assert page.job(again)["options"] == page.job(page.card(second))["options"]
    assert page.read("pattern", "prompt") == "second"


def test_a_reuse_waits_for_the_form_of_its_model_and_says_when_that_does_not_come(
    page: StudioPage, tmp_path: Path
) -> None:
    page.choose("image-edit")
    page.fill("image-edit", {"image": media_samples.png(tmp_path / "p.png"), "operation": "posterize", "colours": 5})
    shown = page.read_all("image-edit")
    job = page.generate("image-edit").get_attribute("data-job")
    page.choose("pattern")
    held: list[Route] = []

    def refuse(route: Route) -> None:
        route.fulfill(status=500, json={"error": None}) if asks(route) else route.continue_()

    def hold(route: Route) -> None:
        held.append(route) if asks(route) else route.continue_()

    def asks(route: Route) -> bool:
        return '"name":"image-edit"' in (route.request.post_data or "")

    page.page.route("**/gradio_api/run/**", refuse)
    page.reload()
    page.card(str(job)).locator(".reuse").click()
    expect(page.notice).to_contain_text("The studio did not answer")
    assert all("status of 500" in error for error in page.errors)
    page.errors.clear()

    page.page.unroute("**/gradio_api/run/**", refuse)
    page.page.route("**/gradio_api/run/**", hold)
    page.card(str(job)).locator(".reuse").click()
    page.wait_until(lambda: bool(held))
    expect(page.card(str(job)).locator(".reuse")).to_have_attribute("aria-busy", "true")
    held[0].continue_()
    expect(page.notice).to_contain_text("Restored all")
    assert page.read_all("image-edit") == shown


def test_a_file_that_is_gone_is_named_and_the_rest_comes_back(page: StudioPage, studio: Studio, tmp_path: Path) -> None:
    """**Feature: job-input-reuse, Property 7: For any reuse operation that encounters an error, the system should log
    the error and maintain UI functionality**
    """
    page.choose("image-edit")
    picture = media_samples.png(tmp_path / "gone soon.png", seed=77)
    page.fill("image-edit", {"image": picture, "operation": "posterize", "colours": 5})
    job = page.generate("image-edit")
    page.wait_until(lambda: page.draft("image-edit").get("colours") == 5)  # keeping it later would store the file again
    (studio.data_dir / "media" / page.job(job)["image_input_path"]).unlink()
    page.reload()
    page.reuse(page.cards.first)
    expect(page.notice).to_contain_text("Image: the file is missing")
    shown = page.read_all("image-edit")
    assert (shown["image"], shown["operation"], shown["colours"]) == (None, "posterize", 5)


def test_the_form_is_worked_in_while_the_files_of_a_job_are_on_their_way(
    page: StudioPage, chromium: Browser, studio: Studio, tmp_path: Path
) -> None:
    """**Feature: job-input-reuse, Property 6: For any job with media files, file loading should complete
    asynchronously without blocking the UI thread**
    """
    picture = media_samples.png(tmp_path / "slow.png", seed=78)
    page.choose("image-edit")
    page.fill("image-edit", {"image": picture, "operation": "posterize"})
    file = f"**/studio/media/{page.job(page.generate('image-edit'))['image_input_path']}*"
    held: list[Route] = []
    another = chromium.new_context(viewport={"width": 1440, "height": 900})  # its cache has no file yet
    with page_of(another, studio, page.workspace) as shown:
        shown.page.route(file, lambda route: held.append(route))
        shown.reuse(shown.cards.first)
        expect(shown.notice).to_contain_text("Restored all")
        shown.wait_until(lambda: bool(held))
        shown.fill("image-edit", {"operation": "blur", "blur_radius": 9})
        expect(shown.field("image-edit", "posterize_by")).to_be_hidden()
        for route in held:
            route.continue_()
        shown.page.unroute(file)
        values = shown.read_all("image-edit")
        assert (values["image"], values["operation"], values["blur_radius"]) == (picture.read_bytes(), "blur", 9)
    another.close()


def test_undo_brings_the_form_back_as_it_was_and_redo_the_reuse(page: StudioPage, tmp_path: Path) -> None:
    page.choose("image-edit")
    old, new = media_samples.png(tmp_path / "old.png", seed=1), media_samples.png(tmp_path / "new.png", seed=2)
    page.fill("image-edit", {"image": old, "operation": "rotate", "turn": 180})
    job = page.generate("image-edit").get_attribute("data-job")
    reused = page.read_all("image-edit")
    page.reload()
    page.choose("image-edit")
    page.fill("image-edit", {"image": new, "operation": "crop", "ratio": "16:9"})
    before = page.read_all("image-edit")
    page.choose("audio-edit")
    page.reuse(page.card(str(job)))
    assert page.read_all("image-edit") == reused

    page.notice.get_by_role("button", name="Undo").click()
    expect(page.group("audio-edit")).to_be_visible()
    expect(page.notice).to_contain_text("Undone")
    page.choose("image-edit")
    assert page.read_all("image-edit") == before

    page.notice.get_by_role("button", name="Redo").click()
    expect(page.notice).to_contain_text("Restored again")
    assert page.read_all("image-edit") == reused


def test_empty_values_come_back_as_themselves(page: StudioPage) -> None:
    empty: dict[str, Any] = {"prompt": "", "style": "mandala", "mirrored": False, "seed": None, "finish": [], **SMALL}
    page.choose("pattern")
    page.fill("pattern", empty)
    job = page.generate("pattern")
    assert {name: page.job(job)["options"][name] for name in empty} == empty
    page.fill("pattern", {"prompt": "full", "mirrored": True, "seed": 5, "finish": ["grain", "border"]})
    page.details(job).locator("[data-do=reuseNewSeed]").click()
    page.page.keyboard.press("Escape")
    expect(page.notice).to_contain_text("Restored all")
    expect(page.page.locator("[data-reusing]")).to_have_count(0)  # nor at the details that are closed by now
    assert {name: page.read("pattern", name) for name in empty} == empty


def test_an_open_seed_comes_back_as_the_number_the_job_ran_with(page: StudioPage) -> None:
    page.choose("pattern")
    page.fill("pattern", {**BARE, "seed": None})
    job = page.generate("pattern")
    assert page.job(job)["options"]["seed"] is None
    page.reuse(job)
    assert page.read("pattern", "seed") == page.job(job)["seed"]
    assert page.made(page.generate("pattern")) == page.made(job)


@pytest.mark.parametrize("status", ["failed", "cancelled"])
def test_a_job_that_did_not_finish_is_reused_like_any_other(page: StudioPage, tmp_path: Path, status: str) -> None:
    sound = media_samples.audio(tmp_path / "a.wav", seconds=0.5)
    page.choose("audio-edit")
    values: dict[str, Any] = {"audio": sound, "trim": True, "trim_start": 30 if status == "failed" else 0.1}
    page.fill("audio-edit", values)
    if status == "failed":
        job = page.generate("audio-edit", "failed")
    else:
        job = page.generate("audio-edit")
        page.mark(job, status)
    page.choose("pattern")
    page.reuse(job)
    expect(page.notice).to_contain_text("Restored all")
    assert page.read("audio-edit", "audio") == sound.read_bytes()
    assert page.read("audio-edit", "trim_start") == values["trim_start"]


def test_the_form_has_the_focus_afterwards(page: StudioPage) -> None:
    made(page)
    page.choose("audio-edit")
    page.reuse(page.cards.first)
    expect(page.group("pattern")).to_be_focused()


def test_a_result_is_sent_on(page: StudioPage) -> None:
    job = made(page)
    page.send_on("Ken Burns: Image")
    expect(page.notice).to_contain_text("Ken Burns")
    assert page.read("ken-burns", "image") == page.result(page.card(job))


def test_a_job_of_which_nothing_fits_another_model_leaves_the_form_as_it_is(page: StudioPage) -> None:
    job = made(page)
    page.fill("pattern", {"prompt": "typed since"})
    page.ask_in(job, "audio-edit")
    expect(page.notice).to_contain_text("Nothing of this job has a place in Audio Edit; the form is as it was.")
    expect(page.group("pattern")).to_be_visible()
    assert page.read("pattern", "prompt") == "typed since"


def test_a_job_whose_missing_file_is_all_that_fits_another_model_leaves_the_form_and_says_so(
    page: StudioPage, studio: Studio, tmp_path: Path
) -> None:
    picture = media_samples.png(tmp_path / "gone soon.png", seed=79)
    page.choose("image-edit")
    page.fill("image-edit", {"image": picture, "operation": "posterize", "colours": 5})
    job = page.generate("image-edit")
    (studio.data_dir / "media" / page.job(job)["image_input_path"]).unlink()
    page.choose("ken-burns")
    page.fill("ken-burns", {"duration": 3})
    page.ask_in(str(job.get_attribute("data-job")), "ken-burns")
    expect(page.notice).to_contain_text("Image: the file is missing. Nothing else of this job fits Ken Burns")
    expect(page.notice.locator(".notice-lines li")).to_have_text(["MissingImage: the file is missing"])
    assert page.read("ken-burns", "duration") == 3


def test_on_a_phone_a_reuse_that_comes_to_nothing_is_followed_by_a_look_at_why(page: StudioPage) -> None:
    """The gallery stands far below the form, and what is said above it."""
    job = made(page)
    page.page.set_viewport_size({"width": 390, "height": 600})
    page.page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    page.ask_in(job, "audio-edit")
    expect(page.notice).to_contain_text("Nothing of this job has a place")
    expect(page.notice).to_be_in_viewport(ratio=1)


def test_a_reuse_that_comes_to_nothing_leaves_the_last_one_to_be_undone(page: StudioPage) -> None:
    job = made(page)
    page.fill("pattern", {"prompt": "typed since"})
    page.reuse(page.card(job))
    expect(page.notice).to_contain_text("Restored all")
    page.ask_in(job, "audio-edit")
    expect(page.notice).to_contain_text("Nothing of this job has a place")
    for word in ("Undo", "Redo", "Undo"):
        page.notice.get_by_role("button", name=word).click()
    assert page.read("pattern", "prompt") == "typed since"


def test_generate_waits_for_an_upload(page: StudioPage, tmp_path: Path) -> None:
    picture = media_samples.png(tmp_path / "slow.png", seed=5)
    page.choose("upscale")
    held = []
    page.page.route("**/gradio_api/upload?*", lambda route: held.append(route))
    page.field("upscale", "image").locator("input[type=file]").first.set_input_files(picture)
    page.wait_until(lambda: bool(held))
    page.group("upscale").locator(".generate").click()
    expect(page.group("upscale").locator(".generate")).to_have_attribute("aria-busy", "true")
    held[0].continue_()
    expect(page.cards).to_have_count(1)
    expect(page.cards.first).to_have_class(has("is-completed"))
