"""Whether a large file makes a reuse slower: a video of a gigabyte against one of ten kilobytes.

    .venv/bin/python benchmarks/media_size.py [ROUNDS]

The model has 20 other inputs. Sampled is the first reuse after another model was open, which has a picture.
"""

import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import av
import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import harness
from benchmarks.harness import Samples
from benchmarks.reuse_models import Case, data_folder, make_jobs, write_model

INPUTS = 20
GIGABYTE = 1_000_000_000
PICTURE = 58  # pixels a side of noise, which are ten kilobytes as a PNG


def main(rounds: int) -> None:
    """Store the files, sample the reuse of their jobs, print."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="media-size-")))
        models = folder / "models"
        models.mkdir()
        made = {"image": pictures(folder), "video": videos(folder)}
        for kind in made:
            write_model(models, kind, INPUTS, {"file": {"kind": kind}})
        files = {kind: [{"file": path} for path in paths] for kind, paths in made.items()}
        jobs = make_jobs(data_folder(folder / "data", models), dict.fromkeys(made, INPUTS), files)
        url = stack.enter_context(harness.studio(folder / "data", models))
        browser = stack.enter_context(harness.chromium())
        page = harness.open_page(browser, url, ".card .reuse")
        samples: Samples = defaultdict(list)
        for round_ in range(rounds + 1):
            for name, case in turns(jobs):
                took = harness.reuse(page, case)
                if round_:
                    samples[name].append(took)
    harness.report(samples, "video_10kb", {"video_1gb": 1.1})


def turns(jobs: dict[str, list[Case]]) -> Iterator[tuple[str, Case]]:
    """Every reuse that is sampled is the first after its model was opened with another file."""
    (picture, other_picture), (video, other_video, large) = jobs["image"], jobs["video"]
    for name, measured, between in (("video_1gb", large, picture), ("video_10kb", other_video, other_picture)):
        yield from (("between", between), ("opening", video), (name, measured))


def pictures(folder: Path) -> Iterator[Path]:
    """Two pictures of noise."""
    for seed in range(2):
        path = folder / f"picture-{seed}.png"
        pixels = np.random.default_rng(seed).integers(0, 256, (PICTURE, PICTURE, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(path)
        yield path


def videos(folder: Path) -> Iterator[Path]:
    """Two small videos, and one of a gigabyte."""
    for number, size in enumerate((0, 0, GIGABYTE)):
        yield video(folder / f"video-{number}.mp4", number, size)


def video(path: Path, seed: int, size: int) -> Path:
    """A short video, which a box that players skip gives `size` bytes if it has less."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=8)
        stream.width = stream.height = 64
        stream.pix_fmt = "yuv420p"
        for frame in range(8):
            pixels = np.random.default_rng([seed, frame]).integers(0, 256, (64, 64, 3), dtype=np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode())
    pad(path, size)
    return path


def pad(path: Path, size: int) -> None:
    """Let the file grow to `size` bytes, the new ones in a box of the type "free"."""
    room = size - path.stat().st_size
    if room > 0:
        with path.open("ab") as file:
            file.write(room.to_bytes(4) + b"free")
            file.truncate(size)


if __name__ == "__main__":
    main(harness.rounds())
