"""What a worker at work costs the page: a reuse and the page's tick against an idle one; and the page's start.

    .venv/bin/python benchmarks/worker_load.py [ROUNDS]

A start is measured from the command to the first answer, beside a bare Gradio app's: by the clock, and in the processor
time of the page's process. Reuses are sampled in turns of a studio with nothing to do and one whose model computes on
all processors.
"""

import os
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from playwright.sync_api import Page

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import harness
from benchmarks.harness import Samples
from benchmarks.reuse_models import Case, data_folder, make_jobs, write_model
from studio.context import GivenFile, StudioContext
from studio.settings import LOCAL_USER
from studio_ui import open_studio
from tests import media_samples

STARTS = 3
TICKS_SECONDS = 6
LONG = {"duration": 60, "size": "custom", "width": 1280, "height": 720, "fps": 60}
"""A film that takes minutes to make, on every processor there is."""

TICKS = """from => performance.getEntriesByType("resource")
    .filter(({startTime, name}) => startTime > from && name.includes("/studio/live")).map(({duration}) => duration)"""


def main(rounds: int) -> None:
    """Start both servers again and again, then sample the studio, then print."""
    starts, reuses, ticks = (defaultdict[str, list[float]](list) for _ in range(3))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="worker-load-")))
        models = folder / "models"
        models.mkdir()
        write_model(models, "inputs-15", 15)
        shipped = (harness.ROOT / "model_configs" / "ken-burns.yaml").read_text(encoding="utf-8")
        (models / "ken-burns.yaml").write_text(shipped, encoding="utf-8")
        settings = data_folder(folder / "data", models)
        cases = make_jobs(settings, {"inputs-15": 15})["inputs-15"]
        for _ in range(STARTS):
            sample_start(starts, "bare_start", "benchmarks/bare_page.py", folder)
            sample_start(starts, "start", "studio_ui.py", folder, "--port")
        url = stack.enter_context(harness.studio(folder / "data", models))
        browser = stack.enter_context(harness.chromium())
        page = harness.open_page(browser, url, ".card .reuse")
        studio, picture = open_studio(settings)[0], media_samples.png(folder / "photo.png", size=(1280, 720))
        sample(reuses, ticks, "idle", page, cases, 1)
        reuses.clear()
        ticks.clear()
        for _ in range(3):
            sample(reuses, ticks, "idle", page, cases, rounds)
            with at_work(studio, picture):
                sample(reuses, ticks, "at_work", page, cases, rounds)
    harness.report(starts, "bare_start", {"start": 1.3})
    harness.report(starts, "bare_start_processor", {"start_processor": 1.3})
    harness.report(reuses, "reuse_idle", {"reuse_at_work": 1.5})
    harness.report(ticks, "tick_idle", {"tick_at_work": 1.5})


def sample_start(samples: Samples, name: str, program: str, folder: Path, *arguments: str) -> None:
    """From the command to the first answer, in milliseconds; the studio's data folder is new the first time."""
    began = time.monotonic()
    data = {"STUDIO_DATA_DIR": str(folder / "started"), "STUDIO_LOG_LEVEL": "warning"}
    with harness.process(program, *arguments, **data) as (_, process):
        samples[name].append((time.monotonic() - began) * 1000)
        samples[f"{name}_processor"].append(processor_time(process))


def processor_time(process: int) -> float:
    """What a process has used so far, in milliseconds; not that of processes that it has started (Linux)."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def sample(reuses: Samples, ticks: Samples, how: str, page: Page, cases: list[Case], rounds: int) -> None:
    """Reuses of two jobs in turn, then some ticks with nothing else."""
    for _ in range(rounds):
        for case in cases:
            reuses[f"reuse_{how}"].append(harness.reuse(page, case))
    began = page.evaluate("() => performance.now()")
    page.wait_for_timeout(TICKS_SECONDS * 1000)
    ticks[f"tick_{how}"] += page.evaluate(TICKS, began)


@contextmanager
def at_work(studio: StudioContext, picture: Path) -> Iterator[None]:
    """A job computes for as long as the block runs."""
    values = {"image": GivenFile(picture, picture.name), **LONG}
    studio.media.record_upload(LOCAL_USER, picture)
    job = studio.submit(LOCAL_USER, None, "ken-burns", values)
    while not ((now := studio.jobs.find_any(job.id)) and now.progress):
        time.sleep(0.1)
    yield
    studio.cancel(LOCAL_USER, job.id)


if __name__ == "__main__":
    main(harness.rounds(5))
