"""How long a reuse takes, from the click to the last field right, as a ratio to the least that Gradio can do.

    .venv/bin/python benchmarks/reuse_latency.py [ROUNDS]

Starts two studios and a bare Gradio page, drives them in headless Chromium and prints one line for every figure. A
sample of the bare page stands before every other sample, so that a noisy machine disturbs both alike; the figures are
ratios of medians. What they mean, and what was tried to lower them, stands in docs/performance.md.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.reuse_models import Case, make_jobs, write_model  # noqa: E402 - found by the line above
from studio.settings import Settings  # noqa: E402

SIZES = (15, 40)
ROUNDS = 15
SETTLE = 400  # ms after a sample, for what a page does after its last field is right
REUSE_AIM = 3.0
LOAD_AIM = 1.5
PROBE = (Path(__file__).parent / "probe.js").read_text(encoding="utf-8")

Samples = defaultdict[str, list[float]]


def main(rounds: int) -> None:
    """Start everything, sample it, print it."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="reuse-latency-")))
        models = folder / "models"
        models.mkdir()
        for size in SIZES:
            write_model(models, size)
        jobs = make_jobs(_data(folder / "sized", models_dir=models), SIZES)
        make_jobs(_data(folder / "shipped"), ())
        sized = stack.enter_context(_studio(folder / "sized", models))
        shipped = stack.enter_context(_studio(folder / "shipped", None))
        bare = stack.enter_context(_server("benchmarks/bare_page.py"))
        browser = stack.enter_context(_chromium())
        reuses = sample_reuses(_page(browser, bare), _page(browser, sized), jobs, rounds)
        loads = sample_loads(browser, bare, shipped, rounds)
    report(reuses, "bare_event", REUSE_AIM)
    report(loads, "bare_load", LOAD_AIM)


def sample_reuses(bare: Page, studio: Page, jobs: dict[int, tuple[Case, Case]], rounds: int) -> Samples:
    """Each round reuses every model twice, first coming from another model, then with other values."""
    studio.wait_for_selector(".card .reuse")
    samples: Samples = defaultdict(list)
    for round_ in range(rounds + 1):
        for size, (x, y) in jobs.items():
            for name, case in ((f"reuse_{size}_switch", x), (f"reuse_{size}_same", y)):
                taken = [("bare_event", _press(bare)), (name, _reuse(studio, case))]
                for figure, took in taken if round_ else ():  # the first round warms up
                    samples[figure].append(took)
    return samples


def sample_loads(browser: Browser, bare: str, studio: str, rounds: int) -> Samples:
    """A page that has been open before is loaded again: until its form can be used, and until its jobs are drawn."""
    pages = {"bare_load": (bare, "#text textarea"), "page_load": (studio, "button.generate")}
    pages["page_load_with_jobs"] = (studio, ".card .reuse")
    opened = {name: (_page(browser, url), url, selector) for name, (url, selector) in pages.items()}
    samples: Samples = defaultdict(list)
    for round_ in range(rounds + 1):
        for name, (page, url, selector) in opened.items():
            page.goto(url, wait_until="commit")
            took = page.evaluate("selector => probe.there(selector)", selector)
            page.wait_for_timeout(SETTLE)
            if round_:
                samples[name].append(took)
    return samples


def report(samples: Samples, baseline: str, aim: float) -> None:
    """One line a figure: the ratio of medians and its aim."""
    base = median(samples.pop(baseline))
    print(f"ms {baseline} {base:.1f}")
    for name, taken in sorted(samples.items()):
        print(f"ratio {name} {median(taken) / base:.2f} aim <= {aim:g} (median {median(taken):.1f} ms, n {len(taken)})")


def _press(page: Page) -> float:
    return _sample(page, "probe.press()")


def _reuse(page: Page, case: Case) -> float:
    return _sample(page, "([job, shown]) => probe.reuse(job, shown)", [case.job_id, case.shown])


def _sample(page: Page, script: str, argument: Any = None) -> float:
    took: float = page.evaluate(script, argument)
    page.wait_for_timeout(SETTLE)
    return took


def _page(browser: Browser, url: str) -> Page:
    """A page in a context of its own, which Chromium keeps in a process of its own."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.add_init_script(PROBE)
    page.goto(url)
    page.wait_for_selector("button")
    page.wait_for_timeout(2 * SETTLE)
    return page


def _data(folder: Path, **settings: Any) -> Settings:
    folder.mkdir()
    return Settings(data_dir=folder, **settings)


@contextmanager
def _chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield browser
        browser.close()


def _studio(data: Path, models: Path | None) -> Any:
    chosen = {"STUDIO_MODELS_DIR": str(models)} if models else {}
    return _server("studio_ui.py", "--port", STUDIO_DATA_DIR=str(data), STUDIO_LOG_LEVEL="warning", **chosen)


@contextmanager
def _server(program: str, *arguments: str, **variables: str) -> Iterator[str]:
    """The address of a server program, which gets a free port as its last argument and ends with the block."""
    port = _free_port()
    command = [sys.executable, str(ROOT / program), *arguments, str(port)]
    process = subprocess.Popen(command, env={**os.environ, "GRADIO_ANALYTICS_ENABLED": "False", **variables}, cwd=ROOT)
    try:
        yield _answering(f"http://127.0.0.1:{port}/", process)
    finally:
        process.terminate()
        process.wait(timeout=20)


def _answering(url: str, process: subprocess.Popen[bytes]) -> str:
    for _ in range(600):
        if process.poll() is not None:
            sys.exit(f"the server of {url} ended with status {process.returncode}")
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except OSError:
            time.sleep(0.1)
        else:
            return url
    sys.exit(f"{url} did not answer within a minute")


def _free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port: int = held.getsockname()[1]
        return port


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
