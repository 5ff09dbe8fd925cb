"""How long a reuse takes, from the click to the last field right, as a ratio to the least that Gradio can do.

    .venv/bin/python benchmarks/reuse_latency.py [ROUNDS]

Starts a studio and a bare Gradio page, drives them in headless Chromium and prints one line for every figure. A
sample of the bare page stands before every other sample, so that a noisy machine disturbs both alike; the figures are
ratios of medians. What they mean, and what was tried to lower them, stands in docs/performance.md.
"""

import shutil
import sys
import tempfile
from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path

from playwright.sync_api import Page

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import harness
from benchmarks.harness import Samples
from benchmarks.reuse_models import Case, data_folder, make_jobs, write_model

SIZES = {"inputs-15": 15, "inputs-40": 40}
OTHER_TAB = "other-tab"
"""A model of 15 inputs that is the first in a tab of its own, which does not open with the page."""

REUSE_AIMS = {f"reuse_{size}_{how}": aim for size in SIZES.values() for how, aim in (("same", 2), ("switch", 3))}
REUSE_AIMS |= {"reuse_15_first": 3}


def main(rounds: int) -> None:
    """Start everything, sample it, print it."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="reuse-latency-")))
        models = folder / "models"
        shutil.copytree(harness.ROOT / "model_configs", models, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
        for model_id, size in SIZES.items():
            write_model(models, model_id, size)
        write_model(models, OTHER_TAB, SIZES["inputs-15"], type_="audio")
        jobs = make_jobs(data_folder(folder / "sized", models), {**SIZES, OTHER_TAB: SIZES["inputs-15"]})
        firsts = jobs.pop(OTHER_TAB)
        sized = stack.enter_context(harness.studio(folder / "sized", models))
        bare = stack.enter_context(harness.server("benchmarks/bare_page.py"))
        browser = stack.enter_context(harness.chromium())
        pages = harness.open_page(browser, bare), harness.open_page(browser, sized, ".card .reuse")
        reuses = sample_reuses(*pages, jobs, rounds)
        sample_firsts(reuses, *pages, sized, (jobs["inputs-15"], firsts), rounds)
    harness.report(reuses, "bare_event", REUSE_AIMS)


def sample_reuses(bare: Page, studio: Page, jobs: dict[str, list[Case]], rounds: int) -> Samples:
    """Each round reuses every model twice, first coming from another model, then with other values."""
    samples: Samples = defaultdict(list)
    for round_ in range(rounds + 1):
        for model_id, (x, y) in jobs.items():
            for how, case in (("switch", x), ("same", y)):
                event, took = harness.press(bare), harness.reuse(studio, case)
                if round_:  # the first round warms up
                    samples["bare_event"].append(event)
                    samples[f"reuse_{SIZES[model_id]}_{how}"].append(took)
    return samples


def sample_firsts(
    samples: Samples, bare: Page, studio: Page, url: str, cases: tuple[list[Case], list[Case]], rounds: int
) -> None:
    """Each round opens the page again, with the tab in which it was left, and reuses a job of another."""
    for round_ in range(rounds + 1):
        here, elsewhere = (of_tab[round_ % 2] for of_tab in cases)
        harness.reuse(studio, here)
        harness.load(studio, url, ".card .reuse")
        event, took = harness.press(bare), harness.reuse(studio, elsewhere)
        if round_:  # the first round warms up
            samples["bare_event"].append(event)
            samples["reuse_15_first"].append(took)


if __name__ == "__main__":
    main(harness.rounds())
