"""The lines between the columns of a wide page."""

from playwright.sync_api import Locator

from tests.browser.studio_page import StudioPage


def test_a_column_is_made_wider_by_drag_and_by_keys_and_is_so_after_a_reload(page: StudioPage) -> None:
    form, gallery = (page.page.locator(f".studio-{name}") for name in ("form", "gallery"))
    line = page.page.get_by_role("separator", name="Width of the form")

    def width(column: Locator = form) -> float:
        return float(column.evaluate("(node) => node.getBoundingClientRect().width"))

    assert width() == 360
    line.hover(position={"x": 5, "y": 300})
    page.page.mouse.down()
    page.page.mouse.move(440, 300, steps=3)
    page.page.mouse.up()
    assert 430 <= width() <= 450
    before = width()
    line.press("ArrowLeft")
    assert width() == before - 16
    page.page.get_by_role("separator", name="Width of the gallery").press("Home")
    assert width(gallery) == 300
    page.reload()
    assert (width(), width(gallery)) == (before - 16, 300)
    assert line.get_attribute("aria-valuenow") == str(round(before - 16))
    line.dblclick(position={"x": 5, "y": 300})
    page.page.get_by_role("separator", name="Width of the gallery").dblclick(position={"x": 5, "y": 300})
    assert width() == 360
