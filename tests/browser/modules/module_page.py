"""A page that holds one module of the page's scripts, with stand-ins for its neighbours."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache

from playwright.sync_api import Browser, Error, Page, Route

from components.assets import FOLDER

SITE = "http://scripts.test/"


@cache
def _tab(chromium: Browser) -> Page:
    """The tab of all module pages, one after the other: another one takes three times as long as another document."""
    return chromium.new_page()


@contextmanager
def module_page(
    chromium: Browser,
    *names: str,
    stand_ins: Mapping[str, str] | None = None,
    before: str = "",
    has_own_clock: bool = False,
) -> Iterator[Page]:
    """A blank page in which `names`, paths in components/, are imported after the script `before` has run.

    Each is there by its file's name, such as `window.conditions`. A text of `stand_ins` takes the place of the module
    at its path; `window.calls` holds what those of `stand_in` were told. A script error fails the test. A test
    that moves the page's clock has it in a window of its own, whose clock goes away with it.
    """
    page = chromium.new_page() if has_own_clock else _tab(chromium)
    assert page.url == "about:blank", "one page of modules at a time"
    errors: list[str] = []

    def note(error: Error) -> None:
        errors.append(str(error))

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix(SITE).partition("?")[0]
        if not path:
            return route.fulfill(content_type="text/html", body="<!doctype html><title>One module</title>")
        text = (stand_ins or {}).get(path) or (FOLDER / path).read_text()
        return route.fulfill(content_type="text/javascript", body=text)

    page.on("pageerror", note)
    page.route(f"{SITE}**", answer)
    try:
        if has_own_clock:
            page.clock.install()
        page.goto(SITE)
        page.evaluate("() => { sessionStorage.clear(); window.calls = []; window.answers = {}; }")
        if before:
            page.evaluate(before)
        for name in names:
            hold = "async ([path, name]) => { window[name] = await import(path); }"
            page.evaluate(hold, [f"/{name}", name.rpartition("/")[2].removesuffix(".js")])
        yield page
    finally:
        page.goto("about:blank")
        page.remove_listener("pageerror", note)
        page.unroute_all(behavior="wait")
        if has_own_clock:
            page.close()
    assert errors == []


def stand_in(*functions: str, signals: tuple[str, ...] = ()) -> str:
    """A module of these functions and signals.

    A function writes down in `window.calls` what it is told, and answers as `window.answers` says.
    """
    noted = (
        f"export const {name} = (...told) => {{ window.calls.push(['{name}', ...told]);"
        f" return window.answers.{name}?.(...told); }};"
        for name in functions
    )
    told = (f"export const {name} = window.{name} = signal();" for name in signals)
    return "\n".join(['import { signal } from "/kit/signal.js";', *noted, *told])
