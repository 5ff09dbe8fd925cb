"""What lies beside a file goes along when several become jobs: the text in its own folder, if it can be read."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from components.form.importable import IMPORTABLE
from tests.browser.modules.module_page import module_page, stand_in

STAND_INS = {
    "kit/requests.js": stand_in("nativeFetch"),
    "kit/say.js": stand_in("say"),
    "library/selection.js": stand_in("select"),
    "form/import_panel.js": stand_in("offerImport"),
    "form/sent_files.js": stand_in("showUploading", "uploadFile"),
    "form/transport.js": stand_in("ask")
    + "\nexport class Refusal extends Error {}\nexport const errorText = ({ message }) => message;",
}
PAGE = """() => {
  window.gradio_config = { max_file_size: 100 };
  window.studio = {};
  answers.uploadFile = async ({ name }) => ({ name });
  answers.ask = async (_, { file, beside }) => ({ name: file.name, beside });
  window.imported = async (files) => {
    calls.splice(0);
    const made = files.map(([path, text]) => {
      const file = new File([text ?? ""], path.split("/").pop());
      if (text === null) file.text = async () => { throw new Error("It cannot be read."); };
      return Object.defineProperty(file, "webkitRelativePath", { value: path });
    });
    await import_files.takeSeveral(made, (file, beside) => calls.push(["lookAt", file.name, beside]));
    const offered = calls.find(([name]) => ["lookAt", "offerImport"].includes(name));
    if (offered[0] === "lookAt") return offered.slice(1);
    const answers = [];
    for await (const { beside } of offered[1].answers()) answers.push(beside);
    return answers;
  };
}"""


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    with module_page(chromium, "form/layout.js", "form/import_files.js", stand_ins=STAND_INS) as page:
        page.evaluate(PAGE)
        page.evaluate("(importable) => layout.setLayout({ importable }, () => {})", IMPORTABLE)
        yield page


def imported(page: Page, files: Mapping[str, str | None]) -> Any:
    return page.evaluate("(files) => imported(files)", [[*file] for file in files.items()])


def log(picture: str, text: str) -> str:
    return f"""<div id="{picture.replace(".", "_")}"><button onclick="to_clipboard('{text}')"></button></div>"""


def test_a_text_is_about_the_file_of_its_name_in_its_folder(page: Page) -> None:
    files = {"a/1.png": "", "b/1.png": "", "b/1.txt": "of b", "a/1.txt": "of a", "2.png": "", "2.swarm.json": "{}"}
    assert imported(page, files) == ["of a", "of b", "{}"]


def test_a_log_is_about_the_files_of_its_folder_however_long_it_is(page: Page) -> None:
    long = " " * 200
    first = {"a/1.png": "", "a/log.html": log("1.png", "first") + long}
    second = {"b/1.png": "", "b/log.html": log("1.png", "second"), "c/1.png": ""}
    assert imported(page, {**first, **second}) == ["first", "second", ""]


def test_a_text_or_a_log_that_is_too_large_is_left_where_it_lies(page: Page) -> None:
    long = "x" * (IMPORTABLE["maxSidecar"] + 1)
    assert imported(page, {"1.png": "", "1.txt": long, "1.json": "{}", "2.png": "", "2.txt": long}) == ["{}", ""]
    page.evaluate("(importable) => layout.setLayout({ importable }, () => {})", {**IMPORTABLE, "maxLog": 10})
    assert imported(page, {"1.png": "", "log.html": log("1.png", "too long"), "2.png": ""}) == ["", ""]


def test_a_text_that_cannot_be_read_says_nothing_and_holds_up_no_file(page: Page) -> None:
    files = {"1.png": "", "1.txt": None, "log.html": None, "2.png": "", "3.png": "", "3.txt": "of 3"}
    assert imported(page, files) == ["", "", "of 3"]
    assert imported(page, {"1.png": "", "1.txt": None}) == ["1.png", ""]
