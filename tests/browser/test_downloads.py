"""A result that a browser has downloaded fills the form of an empty studio as it was, in every kind of file."""

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, expect

from backends.registry import load_backends
from interchange.read import read
from studio.models import add_model
from tests.browser import studio_page
from tests.browser.conftest import Studio, page_of
from tests.browser.studio_page import StudioPage
from tests.browser.test_from_file import drop, panel

pytestmark = pytest.mark.slow
FUNCTIONS = {
    "picture": """
from pathlib import Path
from typing import Annotated, Literal

from PIL import Image

def generate(
    prompt: str, ending: Literal["png", "jpg", "webp", "tiff"] = "png", strength: float = 0.5,
    tiled: bool = False, *, seed: int, run,
) -> Annotated[Path, "image"]:
    path = run.folder / f"made.{ending}"
    Image.new("RGB", (24, 16), (seed % 256, 80, 160)).save(path)
    return path
""",
    "clip": """
from pathlib import Path
from typing import Annotated, Literal

import av
import numpy as np

def generate(
    prompt: str, ending: Literal["mp4", "fragmented mp4", "webm"] = "mp4", strength: float = 0.5,
    *, seed: int, run,
) -> Annotated[Path, "video"]:
    path = run.folder / f"made.{ending.split()[-1]}"
    options = {"movflags": "frag_keyframe+empty_moov"} if "frag" in ending else {}
    with av.open(str(path), "w", options=options) as film:
        stream = film.add_stream("libvpx" if ending == "webm" else "libx264", rate=8)
        stream.width, stream.height, stream.pix_fmt = 32, 32, "yuv420p"
        for shade in range(4):
            film.mux(stream.encode(av.VideoFrame.from_ndarray(np.full((32, 32, 3), shade * 60, np.uint8), "rgb24")))
        film.mux(stream.encode())
    return path
""",
    "voice": """
from pathlib import Path
from typing import Annotated, Literal

import av
import numpy as np

CODECS = {"wav": "pcm_s16le", "flac": "flac", "mp3": "libmp3lame"}

def generate(
    prompt: str, ending: Literal["wav", "flac", "mp3"] = "wav", strength: float = 0.5, *, seed: int, run,
) -> Annotated[Path, "audio"]:
    path = run.folder / f"made.{ending}"
    with av.open(str(path), "w") as sound:
        stream = sound.add_stream(CODECS[ending], rate=48000, layout="mono")
        wave = (np.sin(np.arange(9600) / 20) * 9000).astype(np.int16)[None]
        frame = av.AudioFrame.from_ndarray(wave, "s16", "mono")
        frame.sample_rate = 48000
        resampler = av.AudioResampler(stream.format, stream.layout, 48000, stream.codec_context.frame_size or None)
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            sound.mux(stream.encode(piece))
        sound.mux(stream.encode())
    return path
""",
}
ENDINGS = {
    "picture": ("png", "jpg", "webp", "tiff"),
    "clip": ("mp4", "fragmented mp4", "webm"),
    "voice": ("wav", "flac", "mp3"),
}


@pytest.fixture(scope="module")
def studios(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Studio, Studio]]:
    """Two studios with the same models, and nothing of each other."""
    folders = [tmp_path_factory.mktemp("studio"), tmp_path_factory.mktemp("empty")]
    with pytest.MonkeyPatch.context() as patch:
        models = {}
        for id_, code in FUNCTIONS.items():
            function = folders[0] / f"{id_}.py"
            function.write_text(code, encoding="utf-8")
            models[id_] = add_model(f"{function}:generate", folders[0] / "data" / "models", load_backends({}), id_)[1]
        shutil.copytree(folders[0] / "data", folders[1] / "data")
        patch.setattr(studio_page, "MODELS", {**studio_page.MODELS, **models})
        servers = [Studio(folder / "data") for folder in folders]
        with ThreadPoolExecutor() as pool:
            list(pool.map(Studio.start, servers))
        try:
            yield servers[0], servers[1]
        finally:
            for server in servers:
                server.stop()


def downloaded(page: StudioPage, label: str = "Download the result") -> tuple[str, bytes]:
    """What the browser saves of the job on the stage, and as what."""
    with page.page.expect_download() as download:
        page.page.locator(".scene").get_by_role("link", name=label, exact=True).click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def test_a_download_fills_the_form_of_an_empty_studio_as_it_was(
    window: BrowserContext, studios: tuple[Studio, Studio]
) -> None:
    saved: list[tuple[str, str, bytes, dict[str, Any]]] = []
    with page_of(window, studios[0], "w") as page:
        for at, (model, ending) in enumerate((model, one) for model, many in ENDINGS.items() for one in many):
            page.choose(model)
            page.fill(
                model,
                {
                    "prompt": f"a {ending}, größer\n& <b>老</b>",
                    "ending": ending,
                    "strength": 0.25 + at / 64,
                    "seed": 2**40 + at,
                },
            )
            page.generate(model).locator(".open").click()
            form = page.read_all(model)
            name, content = downloaded(page)
            saved.append((model, name, content, form))
            if ending == "png":
                assert read(downloaded(page, "Download without metadata")[1]) is None
    with page_of(window, studios[1], "w") as page:
        for model, name, content, form in saved:
            drop(page, "body", name, content)
            expect(panel(page).locator(".file-tool")).to_contain_text("Made with Studio · ")
            expect(panel(page).locator("h2")).to_have_text(name)
            panel(page).locator("[data-do=fill]").click()
            expect(page.field(model, "prompt").locator("textarea")).to_have_value(form["prompt"])
            expect(page.field(model, "prompt")).to_be_visible()
            assert page.read_all(model) == form
