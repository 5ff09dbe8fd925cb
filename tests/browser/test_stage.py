"""The stage: the selected job, large, its details beside it, and what a key does with it."""

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Route, expect

from tests import media_samples
from tests.browser.studio_page import StudioPage, has

SLOW = {"duration": 60, "size": "1280x720", "fps": 24}
WIDTH = "(image) => image.getBoundingClientRect().width"
FITS = """(image) => {
  const { clientWidth: width, clientHeight: height } = image.closest(".frame");
  return Math.abs(image.getBoundingClientRect().width - Math.min(width, height)) < 1;
}"""
HAS_ITS_SHAPE = "(film) => Math.abs(film.clientWidth / film.clientHeight - film.videoWidth / film.videoHeight) < 0.01"


def on_stage(page: StudioPage, job: Locator | str) -> None:
    job_id = job if isinstance(job, str) else str(job.get_attribute("data-job"))
    expect(page.page.locator(".scene")).to_have_attribute("data-job", job_id)
    expect(page.card(job_id)).to_have_attribute("data-selected", "")


def made(page: StudioPage, prompt: str, seed: int, side: int = 128) -> str:
    page.choose("pattern")
    page.fill("pattern", {"prompt": prompt, "seed": seed, "width": side, "height": side})
    return str(page.generate("pattern").get_attribute("data-job"))


def test_the_selected_job_is_on_the_stage_and_the_keys_go_on(page: StudioPage) -> None:
    keys = page.page.keyboard
    first, second, third = (made(page, prompt, 700 + seed) for seed, prompt in enumerate(("one", "two", "three")))
    on_stage(page, third)
    page.card(first).locator(".open").click()
    on_stage(page, first)
    page.page.locator(".scene .details-toggle").click()
    details = page.page.locator("dialog.job-details")
    expect(details).to_have_attribute("data-job", first)

    page.page.locator(".scene .prompt").click()
    keys.press("ArrowLeft")
    on_stage(page, second)
    expect(details).to_have_attribute("data-job", second)
    strip = page.page.get_by_role("navigation", name="Jobs before and after").get_by_role("button")
    expect(strip).to_have_count(3)
    expect(page.page.locator(".filmstrip [aria-current]")).to_have_attribute("data-job", second)
    strip.last.click()
    on_stage(page, first)

    keys.press("f")
    expect(page.card(first).locator(".favourite")).to_have_attribute("aria-pressed", "true")
    page.field("pattern", "prompt").locator("textarea").press("f")
    expect(page.card(first).locator(".favourite")).to_have_attribute("aria-pressed", "true")
    page.page.locator(".scene .prompt").click()
    keys.press("r")
    expect(page.notice).to_contain_text("Restored all")
    assert page.read("pattern", "prompt") == "one"
    expect(details).to_be_visible()

    page.reload()
    on_stage(page, first)
    expect(strip).to_have_count(3)
    expect(details).to_have_attribute("data-job", first)
    keys.press("Delete")
    on_stage(page, second)
    expect(page.cards).to_have_count(2)
    page.page.locator(".stage .undos").get_by_role("button", name="Undo").click()
    on_stage(page, first)
    keys.press("?")
    expect(page.page.get_by_role("dialog", name="Keys")).to_be_visible()
    keys.press("Escape")
    expect(details).to_be_visible()
    keys.press("Escape")
    expect(details).to_be_hidden()


def test_a_picture_is_zoomed_to_its_pixels_and_only_then_is_its_file_fetched(page: StudioPage) -> None:
    asked: list[str] = []
    page.page.on("request", lambda request: asked.append(request.url))
    job = made(page, "large", 710, 1536)
    on_stage(page, job)
    image = page.page.locator(".scene img.result")
    file = f"/studio/media/{page.job(page.card(job))['result_url']}"
    expect(image).to_have_js_property("naturalWidth", 1536)
    assert str(image.get_attribute("src")).partition("&")[0].endswith("?preview=large")
    assert not [url for url in asked if url.endswith(file)]
    page.wait_until(lambda: image.evaluate(FITS))
    fits = image.evaluate(WIDTH)

    keys, percent = page.page.keyboard, page.page.locator(".scene .percent")
    expect(percent).to_have_text("Fit")
    keys.press("0")
    expect(percent).to_have_text("100 %")
    assert image.evaluate(WIDTH) == pytest.approx(1536)
    assert str(image.get_attribute("src")).endswith(file)
    image.hover()
    page.page.mouse.wheel(0, -2000)
    expect(percent).to_have_text("3200 %")
    expect(image).to_have_class(has("pixels"))
    before = image.bounding_box()
    page.page.mouse.down()
    page.page.mouse.move(500, 300, steps=3)
    page.page.mouse.up()
    assert image.bounding_box() != before
    keys.press("0")
    expect(percent).to_have_text("Fit")

    keys.press(" ")
    expect(page.page.locator(".stage")).to_have_class(has("is-full"))
    assert page.page.locator(".scene .frame").evaluate("(frame) => frame.clientHeight") > fits
    assert page.page.locator(".studio-form").evaluate("(form) => form.matches('[inert], [inert] *')")
    keys.press("Escape")
    expect(page.page.locator(".stage")).not_to_have_class(has("is-full"))
    assert not page.page.locator(".studio-form").evaluate("(form) => form.matches('[inert], [inert] *')")


def test_the_stage_follows_the_jobs_unless_another_one_is_chosen(page: StudioPage, tmp_path: Path) -> None:
    """While one runs there is always a picture: the last result, until the live preview comes."""
    scene = page.page.locator(".scene")
    first = made(page, "before", 720)
    page.choose("ken-burns")
    photo = media_samples.png(tmp_path / "p.png", size=(640, 480), seed=721)
    page.fill("ken-burns", {"image": photo, **SLOW})
    page.page.route("**/studio/preview/**", lambda route: route.fulfill(status=204))  # nothing of it is seen yet
    page.group("ken-burns").locator(".generate").click()
    expect(page.cards).to_have_count(2)
    running = str(page.cards.first.get_attribute("data-job"))
    on_stage(page, running)
    last = scene.locator("img.last")
    page.wait_until(lambda: last.evaluate("(image) => image.naturalWidth") == 128)
    expect(scene.get_by_role("progressbar")).to_be_visible()
    page.reload()
    on_stage(page, running)
    page.wait_until(lambda: last.evaluate("(image) => image.naturalWidth") == 128)

    page.card(first).locator(".open").click()
    on_stage(page, first)
    expect(page.page.locator(".queue [data-job]")).to_have_attribute("data-job", running)
    page.page.locator(".queue [data-do=cancel]").click()
    expect(page.card(running)).to_have_class(has("is-cancelled"))
    on_stage(page, first)
    second = made(page, "after", 722)
    on_stage(page, second)


def test_a_film_goes_frame_by_frame_and_a_sound_shows_how_far_it_is(page: StudioPage, tmp_path: Path) -> None:
    page.choose("upscale")
    film = media_samples.video(tmp_path / "clip.mp4", seconds=1)
    page.fill("upscale", {"media_type": "video", "video": film, "factor": 1.5})
    on_stage(page, page.generate("upscale"))
    video = page.page.locator(".scene video")
    assert "?preview" in str(video.get_attribute("poster"))
    page.page.wait_for_function("(film) => film.readyState > 0", arg=video.element_handle())
    page.wait_until(lambda: video.evaluate(HAS_ITS_SHAPE))  # so that the browser's controls lie on it alone
    at = "(film) => film.currentTime"
    times = [0.0]
    for _ in range(2):
        page.page.keyboard.press(".")
        page.wait_until(lambda: video.evaluate(at) > times[-1] + 0.01)
        times.append(video.evaluate(at))
    assert times[2] - times[1] < 0.2
    page.page.keyboard.press(",")
    page.wait_until(lambda: abs(video.evaluate(at) - times[1]) < 0.01)

    page.choose("audio-edit")
    sound = media_samples.audio(tmp_path / "a.wav", seconds=2)
    page.fill("audio-edit", {"audio": sound})
    on_stage(page, page.generate("audio-edit"))
    audio, wave = page.page.locator(".scene audio"), page.page.locator(".scene .wave")
    page.page.wait_for_function("(sound) => sound.duration > 1", arg=audio.element_handle())
    wave.click()
    page.wait_until(lambda: 0.9 < audio.evaluate("(sound) => sound.currentTime") < 1.1)
    played = wave.locator(".played")
    page.wait_until(lambda: played.evaluate("(part) => part.style.maskImage.includes('?preview')"))
    assert 45 < float(played.evaluate("(part) => part.style.getPropertyValue('--played')").rstrip("%")) < 55


def test_on_a_phone_the_details_lie_below_and_a_swipe_closes_them(page: StudioPage) -> None:
    first, second = made(page, "older", 730), made(page, "newer", 731)
    page.page.set_viewport_size({"width": 390, "height": 844})
    details = page.details(page.card(second))
    assert details.evaluate(
        "(sheet) => (({ left, right, bottom }) => [left, right, bottom])(sheet.getBoundingClientRect())"
    ) == [0, 390, 844]
    swipe = """(node, [fromX, fromY, toX, toY]) => {
      const at = (x, y) => new Touch({ identifier: 1, target: node, clientX: x, clientY: y });
      const tell = (type, x, y, touches) =>
        node.dispatchEvent(new TouchEvent(type, { touches, changedTouches: [at(x, y)], bubbles: true }));
      tell("touchstart", fromX, fromY, [at(fromX, fromY)]);
      tell("touchend", toX, toY, []);
    }"""
    details.locator("header").evaluate(swipe, [200, 300, 210, 500])
    expect(details).to_be_hidden()
    page.page.locator(".scene .frame").evaluate(swipe, [200, 50, 90, 50])
    on_stage(page, first)
    page.page.locator(".scene .frame").evaluate(swipe, [90, 50, 200, 50])
    on_stage(page, second)


def test_what_is_pressed_in_the_details_is_about_their_job_while_those_of_another_are_on_their_way(
    page: StudioPage,
) -> None:
    first, second = made(page, "one", 750), made(page, "two", 751)
    page.page.evaluate("(ids) => studio.ask('label_jobs', { job_ids: ids, label: 'kept' })", [first, second])
    details = page.details(page.card(first))
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.page.route("**/gradio_api/run/get_job*", hold, times=1)
    page.card(second).locator(".open").click()
    on_stage(page, second)
    expect(details).to_have_attribute("data-job", first)

    details.get_by_role("button", name="Take the label away: kept").click()
    expect(page.card(first).locator(".card-labels")).to_have_text("")
    expect(page.card(second).locator(".card-labels")).to_have_text("kept")
    held[0].continue_()
    expect(details).to_have_attribute("data-job", second)


def test_a_result_goes_into_an_input_from_its_menu_at_the_card(page: StudioPage) -> None:
    job = made(page, "input", 740)
    page.card(job).locator(".open").hover()
    page.card(job).locator(".reuse-more").click()
    page.page.get_by_role("menuitem", name="Use as input…").click()
    page.page.get_by_role("menuitem", name="Upscale: Image", exact=True).click()
    expect(page.notice).to_contain_text("The result is now Image of Upscale")
    assert page.read("upscale", "image") == page.result(page.card(job))
