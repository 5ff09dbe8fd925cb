"""The keys of the stage act, but where a key is meant for something else."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.modules.module_page import module_page

MARKUP = """() => {
  document.body.innerHTML = `<p id=text tabindex=-1>x</p><input id=field><textarea id=area></textarea>
    <div id=menu role=menu><button>one</button></div><audio id=sound controls tabindex=0></audio>
    <button id=button>press</button><div class=card><button id=card class=open>card</button></div>
    <dialog id=dialog><p>words</p></dialog>`;
  window.found = [];
  document.addEventListener("keydown", (event) => found.push(keys.actionOf(event) ?? null));
}"""


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    with module_page(chromium, "library/keys.js") as page:
        page.evaluate(MARKUP)
        yield page


def pressed(page: Page, key: str, at: str = "text", **more: bool) -> str | None:
    """What the key does that is pressed there."""
    press = """([id, key, more]) => {
      const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more });
      document.getElementById(id).dispatchEvent(event);
      return found.at(-1);
    }"""
    done: str | None = page.evaluate(press, [at, key, more])
    return done


def test_every_key_of_the_list_does_something(page: Page) -> None:
    shown = page.evaluate("keys.KEYS.flatMap(([shown]) => shown.split(' '))")
    names = {"←": "ArrowLeft", "→": "ArrowRight", "Space": " ", "Del": "Delete", "Esc": "Escape"}
    assert [key for key in shown if pressed(page, names.get(key, key)) is None] == []
    assert pressed(page, "r") == pressed(page, "R") == "reuse"
    assert pressed(page, "x") is None


def test_a_key_that_is_meant_for_something_else_does_nothing(page: Page) -> None:
    for place in ("field", "area", "menu"):
        assert [pressed(page, key, place) for key in ("f", " ", "Delete", "ArrowLeft", "Escape")] == [None] * 5
    assert pressed(page, "r", ctrlKey=True) is None
    assert pressed(page, "f", metaKey=True) is None
    assert pressed(page, "ArrowRight", "sound") is None
    assert pressed(page, " ", "button") is None
    assert pressed(page, "f", "button") == "favourite"
    assert pressed(page, " ", "card") == "space", "the card is selected already"
    page.evaluate("dialog.showModal()")
    assert pressed(page, "f") is None
    page.evaluate("dialog.close()")
