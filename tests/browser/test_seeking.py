"""A long film in the page: a jump into its middle loads what is there, not all that is before."""

from pathlib import Path

import av
import numpy as np

from components.addresses import media_url
from storage.database import open_database
from storage.media.store import MediaStore
from studio.settings import LOCAL_USER, Settings
from tests.browser.conftest import Studio
from tests.browser.studio_page import StudioPage

_SECONDS = 40
_SEEK = """async (url) => {
  const film = document.createElement("video");
  film.muted = true;
  film.preload = "metadata";
  film.src = url;
  document.body.append(film);
  const happens = (name) => new Promise((done) => film.addEventListener(name, done, { once: true }));
  await happens("loadedmetadata");
  const middle = film.duration / 2;
  film.currentTime = middle;
  await happens("seeked");
  await film.play();
  while (film.currentTime < middle + 0.2) await happens("timeupdate");
  const from = film.buffered.start(film.buffered.length - 1);
  film.remove();
  return { middle, from, width: film.videoWidth };
}"""


def noise(path: Path) -> Path:
    """A film that compresses badly: some 20 MB, so that a browser does not load it whole before it is asked to."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10, options={"preset": "ultrafast", "qp": "20", "g": "1"})
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        pictures = np.random.default_rng(0).integers(0, 256, (8, 240, 320, 3), dtype=np.uint8)
        for index in range(_SECONDS * 10):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pictures[index % 8], format="rgb24")))
        container.mux(stream.encode(None))
    return path


def test_a_jump_into_the_middle_of_a_film_loads_from_there(page: StudioPage, studio: Studio, tmp_path: Path) -> None:
    settings = Settings(data_dir=studio.data_dir)
    database = open_database(settings.database)
    info = MediaStore(database, settings.media).put(LOCAL_USER, noise(tmp_path / "noise.mp4"), "noise.mp4")
    database.dispose()
    asked: list[int] = []
    page.page.on(
        "response",
        lambda answer: (
            asked.append(int(answer.headers["content-range"].removeprefix("bytes ").partition("-")[0]))
            if answer.status == 206 and info.key in answer.url
            else None
        ),
    )
    played = page.page.evaluate(_SEEK, media_url(info.key))
    assert (played["width"], round(played["middle"])) == (320, _SECONDS // 2)
    assert played["from"] > 1, "it was loaded from its beginning"
    assert any(0.3 * info.size < start < 0.7 * info.size for start in asked)
