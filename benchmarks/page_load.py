"""The load of the page against what a Gradio author would have: a plain app with the first model's form.

    .venv/bin/python benchmarks/page_load.py [ROUNDS]

`page_load` is until the form can be used, `page_load_with_jobs` until the gallery is rendered too, and the browser has
had the page before. `page_work` is what the page's main thread worked for it in processor time, which other work on the
machine disturbs least. What a page with one button takes is printed as a fact.
"""

import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from playwright.sync_api import CDPSession, Page

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import harness
from benchmarks.harness import SETTLE, Samples
from benchmarks.reuse_models import data_folder, make_jobs

AIMS = {"page_load": 1.15, "page_load_with_jobs": 1.5}


def main(rounds: int) -> None:
    """Open each page, load them in turn, print."""
    samples: Samples = defaultdict(list)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="page-load-")))
        make_jobs(data_folder(folder / "shipped"), {})
        plain = stack.enter_context(harness.server("benchmarks/plain_form.py"))
        bare = stack.enter_context(harness.server("benchmarks/bare_page.py"))
        studio = stack.enter_context(harness.studio(folder / "shipped"))
        browser = stack.enter_context(harness.chromium())
        pages = [
            ("plain", plain, "button.generate"),
            ("bare", bare, "#text textarea"),
            ("page", studio, "button.generate"),
            ("with_jobs", studio, ".card .reuse"),
        ]
        opened = [(name, harness.open_page(browser, url, selector), url, selector) for name, url, selector in pages]
        clocks = {name: main_thread(page) for name, page, *_ in opened}
        for round_ in range(rounds + 1):
            for name, page, url, selector in opened:
                took = harness.load(page, url, selector)
                page.wait_for_timeout(SETTLE)
                worked = next(clocks[name])
                if round_:  # the first round warms up
                    samples[f"{name}_load"].append(took)
                    samples[f"{name}_work"].append(worked)
    samples |= {"page_load_with_jobs": samples["with_jobs_load"], "page_work": samples["with_jobs_work"]}
    harness.report(samples, "plain_load", AIMS)
    harness.report(samples, "plain_work", {"page_work": 1.3})
    print(f"ms bare_load {median(samples['bare_load']):.1f}")


def main_thread(page: Page) -> Iterator[float]:
    """Each time the milliseconds that the page's main thread has worked since its load began."""
    session: CDPSession = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    while True:
        metrics = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
        yield metrics["TaskDuration"] * 1000


if __name__ == "__main__":
    main(harness.rounds())
