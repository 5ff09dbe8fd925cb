"""Every format as the page hands it in: uploaded, submitted, reused, submitted again, it is stored byte for byte."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from anyio.from_thread import BlockingPortal
from starlette.testclient import TestClient

from media_kinds import MediaKind
from storage.jobs.store import Job
from studio.settings import LOCAL_USER, Settings
from tests import media_samples
from tests.components.page_site import Site
from tests.kept_studio import KeptStudio
from tests.shipped import SHIPPED
from web.app import create_app

FORMATS: dict[str, Callable[[Path], Path]] = {
    "deep.png": media_samples.png16,
    "clear.png": media_samples.png_alpha,
    "turned.png": media_samples.png_exif,
    "turned.jpg": media_samples.jpeg_exif,
    "print.jpg": media_samples.jpeg_cmyk,
    **dict.fromkeys(("profile.png", "profile.jpg", "profile.webp", "profile.avif"), media_samples.with_profile),
    **dict.fromkeys(("still.bmp", "still.tiff"), media_samples.image),
    **dict.fromkeys(("moving.gif", "moving.webp", "moving.png", "moving.avif"), media_samples.animation),
    **dict.fromkeys(("film.mp4", "film.mov", "film.webm", "film.mkv"), media_samples.video),
    **dict.fromkeys(("sound.wav", "sound.flac", "sound.mp3", "sound.opus", "sound.m4a"), media_samples.audio),
}
MODELS = {
    "image": ("image-edit", "image", {}),
    "video": ("upscale", "video", {"media_type": "video"}),
    "audio": ("audio-edit", "audio", {}),
}


@pytest.fixture(scope="module")
def uploads(kept: KeptStudio) -> Iterator[Settings]:
    """A studio without a login; fields learn where uploads lie when they are made."""
    settings = Settings(data_dir=kept.media_root.parent, login="none")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", str(settings.uploads))
        yield settings


@pytest.fixture(scope="module")
def site(uploads: Settings, portal: BlockingPortal, kept: KeptStudio) -> Site:
    return Site(portal, kept.context)


@pytest.fixture(scope="module")
def browser(uploads: Settings, site: Site) -> TestClient:
    """What uploads to that page and loads files from it."""
    return TestClient(create_app(uploads, site.blocks, site.context.media), base_url="http://localhost")


def kind_of(name: str) -> MediaKind:
    return "video" if name.startswith("film") else "audio" if name.startswith("sound") else "image"


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_comes_back_byte_for_byte_each_time(site: Site, browser: TestClient, tmp_path: Path, name: str) -> None:
    def stored(job: Job) -> bytes:
        (key,) = job.media
        return site.context.media.local_path(key).read_bytes()

    content = FORMATS[name](tmp_path / name).read_bytes()
    model_id, field, entered = MODELS[kind_of(name)]
    (path,) = browser.post("/gradio_api/upload", files={"files": (name, content)}).json()
    given = {"file": path, "name": name}
    first = site.generate(SHIPPED[model_id], {**entered, field: given}, LOCAL_USER)
    assert stored(first) == content

    values = site.reuse(LOCAL_USER, job_id=first.id)["values"]
    assert values[field]["name"] == name
    assert browser.get(values[field]["url"]).content == content
    again = site.generate(SHIPPED[model_id], values, LOCAL_USER)
    assert (stored(again), again.media) == (content, first.media)
