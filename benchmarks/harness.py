"""What the programs here have in common: servers to measure, the browser that measures them, and the report."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.reuse_models import Case

ROOT = Path(__file__).resolve().parents[1]
SETTLE = 400  # ms after a sample, for what a page does after its last field is right
PROBE = (Path(__file__).parent / "probe.js").read_text(encoding="utf-8")

Samples = defaultdict[str, list[float]]
"""Milliseconds by the name of the figure."""


def rounds(default: int = 15) -> int:
    """How many rounds the command line asks for."""
    return int(sys.argv[1]) if len(sys.argv) > 1 else default


def press(page: Page) -> float:
    """One event of the bare page."""
    return sample(page, "probe.press()")


def reuse(page: Page, case: Case) -> float:
    """A reuse, from the click until every field is right."""
    return sample(page, "([job, shown]) => probe.reuse(job, shown)", [case.job_id, case.shown])


def load(page: Page, url: str, selector: str) -> float:
    """The load of a page that the browser has had before, until the selector is there."""
    page.goto(url, wait_until="commit")
    return sample(page, "selector => probe.there(selector)", selector)


def sample(page: Page, script: str, argument: Any = None) -> float:
    """What the page's probe measured."""
    took: float = page.evaluate(script, argument)
    page.wait_for_timeout(SETTLE)
    return took


def report(samples: Samples, baseline: str, aims: Mapping[str, float]) -> None:
    """One line a figure: the ratio of its median to that of `baseline`, and its aim."""
    base = median(samples[baseline])
    print(f"ms {baseline} {base:.1f}")
    for name, aim in aims.items():
        taken = samples[name]
        print(f"ratio {name} {median(taken) / base:.2f} aim <= {aim:g} (median {median(taken):.1f} ms, n {len(taken)})")


def open_page(browser: Browser, url: str, ready: str = "button") -> Page:
    """A page in a context of its own, which Chromium keeps in a process of its own."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.add_init_script(PROBE)
    page.goto(url)
    page.wait_for_selector(ready)
    page.wait_for_timeout(2 * SETTLE)
    return page


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser without a window."""
    with sync_playwright() as playwright:
        path = shutil.which("chromium") or shutil.which("chromium-headless-shell")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


def studio(data: Path, models: Path | None = None) -> AbstractContextManager[str]:
    """The address of a studio, with the shipped models unless others are given."""
    chosen = {"STUDIO_MODELS_DIR": str(models)} if models else {}
    return server("studio_ui.py", "--port", STUDIO_DATA_DIR=str(data), STUDIO_LOG_LEVEL="warning", **chosen)


@contextmanager
def server(program: str, *arguments: str, **variables: str) -> Iterator[str]:
    """The address of a server program, which gets a free port as its last argument and ends with the block."""
    with process(program, *arguments, **variables) as (url, _):
        yield url


@contextmanager
def process(program: str, *arguments: str, **variables: str) -> Iterator[tuple[str, int]]:
    """The same, and the process's id."""
    port = _free_port()
    command = [sys.executable, str(ROOT / program), *arguments, str(port)]
    process = subprocess.Popen(command, env={**os.environ, "GRADIO_ANALYTICS_ENABLED": "False", **variables}, cwd=ROOT)
    try:
        yield _answering(f"http://127.0.0.1:{port}/", process), process.pid
    finally:
        process.terminate()
        process.wait(timeout=20)


def _answering(url: str, process: subprocess.Popen[bytes]) -> str:
    for _ in range(1800):
        if process.poll() is not None:
            sys.exit(f"the server of {url} ended with status {process.returncode}")
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except OSError:
            time.sleep(0.1)
        else:
            return url
    sys.exit(f"{url} did not answer within three minutes")


def _free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port: int = held.getsockname()[1]
        return port
