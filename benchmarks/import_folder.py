"""How long a folder of other tools' results takes to become jobs: one line a run.

    .venv/bin/python benchmarks/import_folder.py [FILES]

The folder is made: pictures of 1024 × 1024 pixels and about 1.5 MB with an infotext, a tenth of them with a graph. The
aim is 1,000 files a minute; a second run, which finds all of them there, is timed too.
"""

import json
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image, PngImagePlugin

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from storage.database import open_database
from storage.jobs.store import JobStore
from storage.media.probe import MediaLimits
from storage.media.store import MediaStore
from storage.workspaces import WorkspaceStore
from studio.folder_import import FolderImport

SIDE = 1024
AIM = 1000  # files a minute


def main() -> None:
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    with TemporaryDirectory() as root:
        folder, data = Path(root, "results"), Path(root, "data")
        folder.mkdir()
        data.mkdir()
        size = sum(_make(folder / f"{at:05}.png", at) for at in range(number))
        print(f"{number} files, {size / number / 1e6:.1f} MB each; the aim is {AIM} a minute")
        database = open_database(f"sqlite:///{data / 'studio.db'}")
        place = WorkspaceStore(database).ensure_default("ann").id
        importing = FolderImport(JobStore(database), MediaStore(database, data / "media"), "ann", place, MediaLimits())
        for what in ("first", "again"):
            started = time.perf_counter(), time.process_time()
            tally = importing.run(folder, data / "work")
            took, worked = time.perf_counter() - started[0], time.process_time() - started[1]
            print(f"{what}: {tally} {number / took * 60:.0f} a minute, {worked / number * 1000:.1f} ms of work a file")


def _make(path: Path, at: int) -> int:
    """A picture with smooth and noisy parts, as results are; its size in bytes."""
    noise = np.random.default_rng(at)
    ramp = np.linspace(0, 255, SIDE, dtype=np.float32)
    smooth = np.repeat((ramp[None] + ramp[:, None])[..., None] / 2, 3, axis=2)
    pixels = smooth + noise.normal(0, 3, smooth.shape)
    info = PngImagePlugin.PngInfo()
    if at % 10:
        info.add_text("parameters", f"picture {at}\nNegative prompt: blurry\nSteps: 20, Sampler: Euler, Seed: {at}")
    else:
        info.add_text("prompt", json.dumps(_graph(at)))
    Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(path, pnginfo=info, compress_level=1)
    return path.stat().st_size


def _graph(at: int) -> dict[str, object]:
    sampler = {"seed": at, "steps": 20, "cfg": 7, "positive": ["3", 0], "latent_image": ["4", 0]}
    return {
        "1": {"class_type": "SaveImage", "inputs": {"images": ["2", 0]}},
        "2": {"class_type": "KSampler", "inputs": sampler},
        "3": {"class_type": "CLIPTextEncode", "inputs": {"text": f"picture {at}"}},
        "4": {"class_type": "EmptyLatentImage", "inputs": {"width": SIDE, "height": SIDE}},
    }


if __name__ == "__main__":
    main()
