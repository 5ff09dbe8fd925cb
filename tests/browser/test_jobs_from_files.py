"""What is dropped on the page becomes jobs: several results, a ZIP of them, a whole job that a studio wrote."""

import base64
from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from playwright.sync_api import Error, Locator, Route, expect

from tests.browser.studio_page import StudioPage
from tests.interchange import made_files

pytestmark = pytest.mark.slow
DROP = """(files) => {
  const data = new DataTransfer();
  for (const [name, type, text] of files) {
    data.items.add(new File([Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0))], name, { type }));
  }
  document.querySelector(".studio-gallery").dispatchEvent(
    new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: data }));
}"""


def drop(page: StudioPage, files: dict[str, bytes]) -> None:
    types = {"png": "image/png", "zip": "application/zip", "txt": "text/plain", "tml": "text/html"}
    told = [[name, types[name[-3:]], base64.b64encode(content).decode()] for name, content in files.items()]
    page.page.evaluate(DROP, told)


def picture(prompt: str) -> bytes:
    return made_files.png({"parameters": f"{prompt}\nSteps: 9, Seed: 3"}, (40, 30)) if prompt else made_files.png({})


def panel(page: StudioPage) -> Locator:
    dialog = page.page.locator("dialog.import-panel")
    expect(dialog).to_be_visible()
    return dialog


def test_files_and_zips_become_jobs_and_a_whole_job_is_taken_along(page: StudioPage, tmp_path: Path) -> None:
    drop(page, {"fox.png": picture("a fox"), "notes.txt": b"-", "owl.png": picture("an owl"), "quiet.png": picture("")})
    dialog = panel(page)
    expect(dialog.locator("h2")).to_have_text("3 files")
    expect(dialog.locator("[data-do=start]")).to_be_focused()
    dialog.locator("[data-do=start]").click()
    expect(dialog.locator(".import-words")).to_have_text(
        "2 jobs came into this workspace. 1 does not say how it was made."
    )
    expect(dialog.locator(".primary-button[data-do=end]")).to_be_focused()
    page.page.keyboard.press("Escape")
    expect(page.cards).to_have_count(2)

    beside = {"beside.png": made_files.png({}, (9, 9)), "beside.txt": b"a wren\nSteps: 9, Seed: 3"}
    said = {"prompt": "a crane", "guidance_scale": "4.0", "base_model": "jugger.safetensors", "seed": "7"}
    log = made_files.fooocus_log({"crane.1.png": said}).encode()
    drop(page, {"crane.1.png": made_files.png({}, (8, 8)), "log.html": log})
    expect(page.page.locator("dialog.file-panel .file-tool")).to_have_text("Made with Fooocus · jugger.safetensors")
    page.page.keyboard.press("Escape")
    drop(page, {**beside, "fox.png": picture("a fox")})
    panel(page).locator("[data-do=start]").click()
    expect(dialog.locator(".import-words")).to_have_text("1 job came into this workspace. 1 was here already.")
    dialog.locator(".primary-button[data-do=end]").click()
    expect(page.cards.filter(has_text="a wren")).to_have_count(1)
    expect(page.cards).to_have_count(3)

    with ZipFile(packed := BytesIO(), "w") as archive:
        for name, prompt in (("owl again.png", "an owl"), ("hare.png", "a hare")):
            archive.writestr(name, picture(prompt))
        archive.writestr("cut.png", picture("a cut")[:-20])
    drop(page, {"all.zip": packed.getvalue()})
    panel(page).locator("[data-do=start]").click()
    words = "1 job came into this workspace. 1 was here already, 1 cannot be taken."
    expect(dialog.locator(".import-words")).to_have_text(words)
    dialog.locator("summary").click()
    expect(dialog.locator("li b")).to_have_text("cut.png")
    dialog.locator(".primary-button[data-do=end]").click()
    expect(page.cards).to_have_count(4)

    page.cards.filter(has_text="a hare").locator("[data-do=reuseMenu]").click()
    with page.page.expect_download() as download:
        page.page.get_by_role("menuitem", name="Download the job as a ZIP").click()
    assert download.value.suggested_filename.startswith("imported-a1111-")
    content = Path(download.value.path()).read_bytes()
    drop(page, {"job.zip": content})
    expect(page.notice).to_contain_text("What is in job.zip is here already.")
    expect(page.page.locator(".scene .prompt")).to_have_text("a hare")
    large_zips(page, content)
    drop(page, {"job.zip": content[:-30]})
    expect(page.notice).to_contain_text("job.zip: This is no ZIP that can be read.")


def large_zips(page: StudioPage, job: bytes) -> None:
    """What is larger than an upload may be is sent file by file."""
    with ZipFile(packed := BytesIO(), "w", ZIP_DEFLATED) as archive:
        archive.writestr("a/wolf.png", picture("a wolf"))
        archive.writestr("a/elk.png", made_files.png({}, (11, 9)))
        archive.writestr("a/elk.txt", "an elk\nSteps: 9, Seed: 3")
        archive.writestr("a/huge.png", bytes(3_000_000))
        archive.comment = b"x" * 60_000
    limit = page.page.evaluate("gradio_config.max_file_size")
    assert limit == 200_000_000
    page.page.evaluate("gradio_config.max_file_size = 2000")
    drop(page, {"large.zip": packed.getvalue()})
    expect(panel(page).locator(".import-words")).to_contain_text("so its files are sent one by one.")
    panel(page).locator("[data-do=start]").click()
    expect(panel(page).locator(".import-words")).to_have_text("2 jobs came into this workspace. 1 cannot be taken.")
    panel(page).locator("summary").click()
    expect(panel(page).locator("li")).to_contain_text("This is larger than the 0 MB that an upload may have.")
    panel(page).locator(".primary-button[data-do=end]").click()
    expect(page.cards.filter(has_text="an elk")).to_have_count(1)
    page.page.evaluate(f"gradio_config.max_file_size = {len(job) - 1}")
    drop(page, {"job.zip": job})
    expect(panel(page).locator(".import-words")).to_contain_text("inputs, labels and stars stay behind.")
    panel(page).locator("[data-do=start]").click()
    expect(panel(page).locator(".import-words")).to_have_text("0 jobs came into this workspace. 1 was here already.")
    panel(page).locator(".primary-button[data-do=end]").click()
    drop(page, {"job.zip": job[:-30]})
    expect(page.notice).to_contain_text("job.zip: This is no ZIP that can be read.")
    page.page.evaluate(f"gradio_config.max_file_size = {limit}")


@pytest.fixture
def held(page: StudioPage) -> Iterator[list[Route]]:
    """The uploads, which stay on their way until they are let go."""
    held: list[Route] = []
    page.page.route("**/gradio_api/upload*", lambda upload: held.append(upload))
    yield held
    page.page.unroute_all(behavior="ignoreErrors")


def let_go(page: StudioPage, held: list[Route]) -> None:
    """Let all come that are still wanted, and those that follow."""
    page.page.unroute("**/gradio_api/upload*")
    for upload in held:
        with suppress(Error):  # it was cancelled
            upload.continue_()


def test_of_two_imports_the_one_that_was_closed_ends_and_says_so(page: StudioPage, held: list[Route]) -> None:
    drop(page, {"fox.png": picture("a fox, closed"), "owl.png": picture("an owl, closed")})
    panel(page).locator("[data-do=start]").click()
    page.wait_until(lambda: len(held) == 1)
    page.page.keyboard.press("Escape")
    expect(page.page.locator("dialog.import-panel")).to_be_hidden()
    drop(page, {f"{one}.png": picture(f"a {one}, closed") for one in ("cat", "hare", "wren")})
    panel(page).locator("[data-do=start]").click()
    page.wait_until(lambda: len(held) == 2)
    let_go(page, held)
    expect(panel(page).locator(".import-words")).to_have_text("3 jobs came into this workspace.")
    panel(page).locator(".primary-button[data-do=end]").click()
    expect(page.cards).to_have_count(3)
    expect(page.cards.filter(has_text="fox")).to_have_count(0)
    expect(page.notice).to_contain_text("Ended after 0 of 2 files; brought once more, it goes on from there.")


def test_a_zip_on_its_way_gives_way_to_what_is_brought_after_it(page: StudioPage, held: list[Route]) -> None:
    with ZipFile(packed := BytesIO(), "w") as archive:
        archive.writestr("owl.png", picture("an owl, on its way"))
        archive.writestr("hare.png", picture("a hare, on its way"))
    drop(page, {"all.zip": packed.getvalue()})
    page.wait_until(lambda: len(held) == 1)
    drop(page, {"fox.png": picture("a fox, on its way"), "elk.png": picture("an elk, on its way")})
    panel(page).locator("[data-do=start]").click()
    page.wait_until(lambda: len(held) == 2)
    let_go(page, held)
    expect(panel(page).locator("h2")).to_have_text("2 files")
    expect(panel(page).locator(".import-words")).to_have_text("2 jobs came into this workspace.")
    expect(page.page.get_by_text("all.zip")).to_have_count(0)


def test_stop_does_not_wait_for_the_file_that_is_on_its_way(page: StudioPage, held: list[Route]) -> None:
    drop(page, {"fox.png": picture("a fox, stopped"), "owl.png": picture("an owl, stopped")})
    panel(page).locator("[data-do=start]").click()
    page.wait_until(lambda: len(held) == 1)
    panel(page).locator("[data-do=stop]").click()
    expect(panel(page).locator(".import-words")).to_have_text(
        "Ended after 0 of 2 files; brought once more, it goes on from there. 0 jobs came into this workspace."
    )
