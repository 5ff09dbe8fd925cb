"""Files, as endpoints say them and as Gradio's fields hold them."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page

from tests.browser.modules.module_page import module_page

texts = st.text(st.characters(exclude_categories=["Cs"]))
files = st.fixed_dictionaries(
    {"file": texts, "name": texts, "url": texts, "size": st.integers(0, 2**50), "mime_type": texts}
)
plain = st.none() | st.booleans() | st.integers(-(2**50), 2**50) | texts | st.lists(texts)
plain |= st.fixed_dictionaries({"path": texts, "weight": st.integers(0, 9)}) | st.fixed_dictionaries({"file": texts})
names = st.text("abcdefgh_", min_size=1)


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    with module_page(chromium, "form/files.js") as page:
        yield page


@given(values=st.dictionaries(names, plain), stored=st.dictionaries(names, files))
def test_what_comes_into_fields_goes_back_as_it_came(
    page: Page, values: dict[str, object], stored: dict[str, dict[str, object]]
) -> None:
    """Of a file what names it; all else, what looks like a file too, as it is."""
    there_and_back = page.evaluate("(values) => files.forServer(files.forFields(values))", {**values, **stored})
    named = {name: {"file": one["file"], "name": one["name"]} for name, one in stored.items()}
    assert there_and_back == {**values, **named}


def test_a_field_holds_a_stored_file_as_gradio_does(page: Page) -> None:
    stored = {"file": "key.png", "name": "a photo.png", "url": "/key.png", "size": 7, "mime_type": "image/png"}
    assert page.evaluate("(image) => files.forFields({ image }).image", stored) == {
        **{"path": "key.png", "url": "/key.png", "orig_name": "a photo.png", "size": 7, "mime_type": "image/png"},
        "meta": {"_type": "gradio.FileData"},
    }
