"""The modules as one script are what they are by themselves."""

from playwright.sync_api import Browser

from components.assets import modules
from components.bundle import ENTRY, bundle
from tests.browser.modules.module_page import module_page

BEGUN = "() => { window.studioHasBegun = () => {}; }"
SHAPE = """(module) => Object.fromEntries(Object.entries(module)
  .map(([name, one]) => [name, typeof one === "function" ? one.toString() : typeof one]).sort())"""


def test_every_module_gives_the_same_in_the_bundle_as_alone(chromium: Browser) -> None:
    with module_page(chromium, before=BEGUN) as page:
        shape = f"async (name) => ({SHAPE})(await import(`/${{name}}`))"
        alone = {name: page.evaluate(shape, name) for name in modules()}
    with module_page(chromium, before=BEGUN) as page:
        page.add_script_tag(type="module", content=f"{bundle(modules())}\nwindow.bundled = $modules;")
        page.wait_for_function("window.bundled")
        bundled = {name: page.evaluate(f"(name) => ({SHAPE})(bundled[name])", name) for name in modules()}
    assert bundled == alone
    assert alone[ENTRY].keys() == {"studio"}
