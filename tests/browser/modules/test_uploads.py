"""The files on their way up."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.modules.module_page import module_page, stand_in

SERVER = """() => {
  window.gradio_config = { root: "http://scripts.test/root", api_prefix: "/gradio_api" };
  document.body.innerHTML =
    '<div class="model-group" id="group-m"><div class="field" id="field-m-picture"><button></button></div></div>';
  window.fetch = () => new Promise((resolve) => { window.server = (...answer) => resolve(new Response(...answer)); });
  window.send = () => {
    const body = new FormData();
    body.append("files", new File(["12345"], "a b#.png", { type: "image/png" }));
    return fetch("http://scripts.test/gradio_api/upload?id=1", { method: "POST", body }).then((one) => one.json());
  };
}"""


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    stand_ins = {
        "form/reading.js": stand_in("forget"),
    }
    with module_page(chromium, "form/uploads.js", stand_ins=stand_ins, before=SERVER) as page:
        page.evaluate("() => uploads.uploaded.listen((model) => calls.push(['uploaded', model]))")
        page.locator("button").click()
        yield page


def test_a_file_is_on_its_way_for_the_field_that_was_used_last_until_that_has_it(page: Page) -> None:
    page.evaluate("() => { window.sent = send(); }")
    assert page.evaluate("['m', 'other', undefined].map(uploads.isUploading)") == [True, False, True]
    page.evaluate("() => server('[\"/tmp/a b#.png\"]')")
    assert page.evaluate("sent") == ["/tmp/a b#.png"]
    page.wait_for_function("!uploads.isUploading()")
    assert page.evaluate("calls") == [["forget", "m"], ["uploaded", "m"]]


def test_a_restore_of_the_field_waits_for_no_file_which_comes_late(page: Page) -> None:
    page.evaluate("() => { window.sent = send(); }")
    late = "async (values) => { window.late = await uploads.withdraw({ model_id: 'm', values }); return late.length; }"
    assert page.evaluate(late, {"prompt": "another field"}) == 0
    assert page.evaluate(late, {"picture": None}) == 1
    assert page.evaluate("sent") == []  # for the field there is none, and nothing is wrong
    page.evaluate("() => server('[\"/tmp/a b#.png\"]')")
    file = page.evaluate("uploads.fileOf(late[0])")
    assert (file["path"], file["url"]) == ("/tmp/a b#.png", "/root/gradio_api/file=/tmp/a%20b%23.png")
    assert (file["orig_name"], file["size"], file["mime_type"]) == ("a b#.png", 5, "image/png")


def test_a_file_that_the_server_refuses_is_none(page: Page) -> None:
    page.evaluate("() => { window.sent = send().catch(() => 'refused'); }")
    page.evaluate("async () => { window.late = await uploads.withdraw({ model_id: 'm', values: { picture: 1 } }); }")
    page.evaluate("() => server('too large', { status: 413 })")
    assert page.evaluate("uploads.fileOf(late[0])") is None


def test_other_requests_are_no_uploads(page: Page) -> None:
    page.evaluate("() => { fetch('/gradio_api/upload_progress'); }")
    assert page.evaluate("uploads.isUploading()") is False
