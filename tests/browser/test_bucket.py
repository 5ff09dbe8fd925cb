"""A studio whose media lie in a bucket: to the one who uses it, it is as any other."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext

from tests import media_samples, s3
from tests.browser.conftest import Studio
from tests.browser.studio_page import StudioPage


@pytest.fixture
def far(tmp_path: Path) -> Iterator[Studio]:
    with s3.moto() as peer:
        server = Studio(tmp_path / "data", STUDIO_MEDIA_URL=peer.url("studio"))
        server.start()
        yield server
        server.stop()


def test_an_upload_is_edited_reused_and_edited_again_from_a_bucket(
    window: BrowserContext, far: Studio, tmp_path: Path
) -> None:
    page = StudioPage(window.new_page(), far.url, far.data_dir)
    page.open()
    page.choose("image-edit")
    photo = media_samples.png16(tmp_path / "deep.png")
    page.fill("image-edit", {"image": photo})
    first = page.generate("image-edit")
    result, made, job = page.result(first), page.made(first), page.job(first)

    page.open()
    page.choose("pattern")
    page.reuse(page.cards.first)
    assert page.read("image-edit", "image") == photo.read_bytes()
    again = page.generate("image-edit")

    assert page.made(again) == made
    assert page.job(again)["image_input_path"] == job["image_input_path"]
    assert [path for path in (far.data_dir / "media").rglob("*") if path.is_file()] == []
    url = f"{far.url}/studio/media/{job['result_url']}"
    part = window.request.get(url, headers={"range": "bytes=2-9"})
    assert (part.status, part.body()) == (206, result[2:10])
    page.page.close()
    assert page.errors == []
