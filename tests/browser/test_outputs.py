"""A job that makes several things: each can be seen, downloaded, dragged and used as an input."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect

from interchange.read import read
from interchange.record import read_record
from tests.browser.conftest import Studio
from tests.browser.studio_page import StudioPage

MODEL = '''
from PIL import Image


def generate(prompt: str, seed: int = 7) -> dict[int, Image.Image]:
    """Several colours."""
    colours = ("#b33", "#3b3", "#33b")
    return {seed + place: Image.new("RGB", (160 + 16 * place, 120), colour) for place, colour in enumerate(colours)}
'''


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """A studio with a model that makes three pictures."""
    folder = tmp_path_factory.mktemp("several")
    (folder / "colours.py").write_text(MODEL, encoding="utf-8")
    server = Studio(folder / "data", STUDIO_MODELS=str(folder / "colours.py"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def card(page: StudioPage) -> Locator:
    """The card of a job with three outputs, which shows on the stage."""
    page.open_tab("image")
    page._pick(page.page.locator(".model-choice input:visible"), "Colours")
    page.page.locator("#field-colours-prompt :is(textarea, input)").fill("three")
    return page.generate("colours")


def shown(page: StudioPage) -> tuple[int, str]:
    """Which picture is on the stage, by its width, and the seed beside it."""
    image = page.page.locator(".scene img.result")
    expect(image).to_be_visible()
    page.wait_until(lambda: image.evaluate("(image) => image.naturalWidth") > 0)
    width = image.evaluate("(image) => image.naturalWidth")
    return (width - 160) // 16, page.page.locator(".scene .seed-copy").inner_text().strip()


def test_the_outputs_are_gone_through_by_pointer_and_keys(page: StudioPage, card: Locator) -> None:
    expect(card.locator(".badge")).to_have_text("3 outputs")
    strip = page.page.locator(".scene .outputs")
    expect(strip.get_by_role("radio")).to_have_count(3)
    assert shown(page) == (0, "Seed 7")
    strip.get_by_role("radio").nth(2).click()
    assert shown(page) == (2, "Seed 9")
    page.page.keyboard.press("ArrowLeft")
    assert shown(page) == (1, "Seed 8")
    expect(strip.get_by_role("radio", name="Output 2 of 3, seed 8")).to_be_focused()
    download = page.page.locator(".scene a[download]")
    assert str(download.get_attribute("download")).endswith("-2.png")
    with page.page.expect_download() as downloading:
        download.click()
    content = downloading.value.path().read_bytes()
    assert content == page.bytes_of(str(download.get_attribute("href")))
    record = read_record(content)
    assert record is not None
    assert (record.model_id, record.output_seed) == ("colours", 8)
    with page.page.expect_download() as downloading:
        page.page.locator(".scene").get_by_role("link", name="Download without metadata").click()
    plain = downloading.value
    assert plain.suggested_filename == download.get_attribute("download")
    assert read(plain.path().read_bytes()) is None


def test_the_one_that_shows_is_used_as_an_input_and_the_new_job_says_so(page: StudioPage, card: Locator) -> None:
    page.page.locator(".scene .outputs").get_by_role("radio").nth(1).click()
    address = str(page.page.locator(".scene a[download]").get_attribute("href"))
    page.send_on("Upscale: Image")
    expect(page.notice).to_contain_text("The result is now Image of Upscale")
    assert page.read("upscale", "image") == page.bytes_of(address)
    made = page.generate("upscale")
    row = page.details(made).get_by_role("list", name="From", exact=True)
    expect(row).to_contain_text("Result as Image")


def test_details_list_the_outputs_and_each_can_be_dragged(page: StudioPage, card: Locator) -> None:
    dialog = page.details(card)
    listed = dialog.get_by_role("list", name="Outputs")
    expect(listed.locator(".seed-copy")).to_have_text(["Seed 7", "Seed 8", "Seed 9"])
    expect(listed.locator("a[download]")).to_have_count(3)
    expect(listed.locator(".meta").last).to_contain_text("192 × 120")
    page.page.locator(".scene .outputs").get_by_role("radio").nth(2).click()
    expect(dialog.get_by_role("definition").filter(has_text="192 × 120")).to_be_visible()
    page.choose("upscale")
    address = str(page.page.locator(".scene a[download]").get_attribute("href"))
    picture = page.page.locator(".scene img.result")
    expect(picture).to_have_js_property("naturalWidth", 192)
    picture.hover()
    page.page.mouse.down()
    page.field("upscale", "image").hover()
    page.field("upscale", "image").hover()
    page.page.mouse.up()
    expect(page.notice).to_contain_text("The result is now Image of Upscale.")
    assert page.read("upscale", "image") == page.bytes_of(address)


def test_a_finger_that_swipes_shows_the_next_one(page: StudioPage, card: Locator) -> None:
    swipe = """(frame) => {
      const at = (x) => new Touch({ identifier: 1, target: frame, clientX: x, clientY: 50 });
      const tell = (type, x, touches) =>
        frame.dispatchEvent(new TouchEvent(type, { touches, changedTouches: [at(x)], bubbles: true }));
      tell("touchstart", 200, [at(200)]);
      tell("touchend", 90, []);
    }"""
    page.page.locator(".scene .frame").evaluate(swipe)
    assert shown(page) == (1, "Seed 8")
