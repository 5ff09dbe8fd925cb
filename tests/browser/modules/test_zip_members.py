"""The members of a ZIP, read in the browser."""

from base64 import b64decode, b64encode
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page

from tests.browser.modules.module_page import module_page

STAND_INS = {"form/transport.js": "export class Refusal extends Error {}"}
READ = """async (text) => {
  const zip = new File([Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0))], "a.zip");
  const told = async ({ name, size, lastModified, open }) => {
    try {
      const bytes = new Uint8Array(await (await open()).arrayBuffer());
      return [name, size, new Date(lastModified).getFullYear(), btoa(String.fromCharCode(...bytes))];
    } catch (error) {
      return [name, size, error.constructor.name, error.message];
    }
  };
  try {
    return await Promise.all((await zip_members.membersOf(zip)).map(told));
  } catch (error) {
    return `${error.constructor.name}: ${error.message}`;
  }
}"""
FILES = st.dictionaries(
    st.text("aé猫 ._", min_size=1, max_size=12),
    st.tuples(st.binary(max_size=300), st.sampled_from([ZIP_STORED, ZIP_DEFLATED])),
)


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    with module_page(chromium, "form/zip_members.js", stand_ins=STAND_INS) as page:
        yield page


def read(page: Page, content: bytes) -> Any:
    return page.evaluate(READ, b64encode(content).decode())


def packed(files: dict[str, tuple[bytes, int]], comment: bytes = b"") -> bytes:
    with ZipFile(content := BytesIO(), "w") as archive:
        archive.comment = comment
        archive.writestr("folder/", b"")
        for name, (body, method) in files.items():
            archive.writestr(ZipInfo(f"folder/{name}", (2020, 2, 3, 4, 5, 6)), body, method)
    return content.getvalue()


@given(FILES, st.binary(max_size=40))
def test_what_was_packed_is_read(page: Page, files: dict[str, tuple[bytes, int]], comment: bytes) -> None:
    found = read(page, packed(files, comment.replace(b"PK", b"")))
    assert [(name, size, year, b64decode(body)) for name, size, year, body in found] == [
        (name, len(body), 2020, body) for name, (body, _) in files.items()
    ]


@given(st.integers(0, 400), st.integers(0, 255))
def test_a_damaged_one_is_refused_or_read_without_what_is_damaged(page: Page, at: int, byte: int) -> None:
    content = bytearray(packed({"a.png": (b"a" * 50, ZIP_DEFLATED), "b.png": (b"b", ZIP_STORED)}))
    content[at % len(content)] = byte
    for one in (bytes(content), bytes(content[:at])):
        found = read(page, one)
        if isinstance(found, str):
            assert found.startswith("Refusal: This")
        else:
            assert all(isinstance(year, int) or year == "Refusal" for _, _, year, _ in found)


def test_what_a_browser_cannot_unpack_is_refused_alone(page: Page) -> None:
    (bad, good) = read(page, packed({"a.png": (b"a", ZIP_BZIP2), "b.png": (b"b", ZIP_STORED)}))
    assert bad[2:] == ["Refusal", "It is packed in a way that a browser cannot unpack."]
    assert b64decode(good[3]) == b"b"
    assert (
        read(page, b"no ZIP" * 9)
        == "Refusal: This is no ZIP that can be read. It may be cut short: bring it once more."
    )
