"""How long it takes to go on in the gallery of 100,000 jobs, as a ratio to the least that Gradio can do.

    .venv/bin/python benchmarks/gallery.py [ROUNDS [FOLDER]]

The next screen, from the wheel until cards fill it; and any month, from the click in the menu until its jobs show. A
sample of a bare page's event stands before each. Then 1,000 cards are scrolled through, 40 pixels a frame, and so is a
long blank page: of both, the frames that took more than 50 ms are counted. The library is kept in FOLDER, and filled
when that is empty.
"""

import sys
import tempfile
from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path
from random import Random

from playwright.sync_api import Page
from sqlalchemy import func, select, update

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import harness, library
from benchmarks.harness import Samples
from storage import tables
from storage.database import open_database
from storage.media.store import MediaStore
from storage.preferences import PreferenceStore
from studio.settings import LOCAL_USER, Settings
from tests import media_samples

JOBS = 112_000
"""Nine of ten are the user's."""
PICTURES, NEWEST = 60, 2000
SCREENS = 8  # from the newest jobs on, before they are gone to again
STEP = 40  # pixels a frame
SLOW = 50  # ms
AIMS = {"next_screen": 2, "any_month": 4}
JOB = tables.table(tables.Job)


def fill(folder: Path) -> None:
    """A library of the local user, whose newest jobs have pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    options = Settings(data_dir=folder)
    engine = open_database(options.database)
    library.USER = LOCAL_USER
    library.fill(engine, JOBS)
    media = MediaStore(engine, options.media)
    paths = [media_samples.png(folder / f"{seed}.png", (512, 512), seed) for seed in range(PICTURES)]
    keys = [media.put(LOCAL_USER, path, path.name).key for path in paths]
    newest = select(JOB.c.id).where(JOB.c.user_id == LOCAL_USER).order_by(JOB.c.created_at.desc()).limit(NEWEST)
    with engine.begin() as connection:
        connection.execute(update(JOB).values(result_url=None))
        for place, job_id in enumerate(connection.execute(newest).scalars().all()):
            key = keys[place % PICTURES]
            connection.execute(update(JOB).where(JOB.c.id == job_id).values(result_url=key, status="completed"))
        assert connection.execute(select(func.count()).where(JOB.c.user_id == LOCAL_USER)).scalar_one() > 0.85 * JOBS
    PreferenceStore(engine).set(LOCAL_USER, "workspace", library.WORKSPACES[0])
    engine.dispose()


def main(rounds: int, kept: Path | None) -> None:
    """Start everything, sample it, print it."""
    with ExitStack() as stack:
        folder = kept or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gallery-"))) / "data"
        if not folder.exists():
            fill(folder)
        url = stack.enter_context(harness.studio(folder))
        bare = stack.enter_context(harness.server("benchmarks/bare_page.py"))
        browser = stack.enter_context(harness.chromium())
        pages = harness.open_page(browser, bare), harness.open_page(browser, url, ".card")
        show_everything(pages[1])
        samples = sample(*pages, rounds)
        harness.report(samples, "bare_event", AIMS)
        report_frames(*pages)


def show_everything(page: Page) -> None:
    """The jobs of all workspaces."""
    page.locator(".filter-bar .fold").click()
    page.locator(".filter-bar [name=where]").select_option("all")
    page.locator(".filter-bar .fold").click()
    page.wait_for_timeout(2 * harness.SETTLE)


def sample(bare: Page, studio: Page, rounds: int) -> Samples:
    """Screen after screen from the newest on, and any months."""
    samples: Samples = defaultdict(list)
    random = Random(1)
    months = library.END - library.BEGIN
    for _ in range(rounds):
        go_to(studio, "Newest")
        for name in ["next_screen"] * SCREENS + ["any_month"] * 4:
            event = harness.press(bare)
            if name == "next_screen":
                took = harness.sample(studio, "probe.nextScreen()")
            else:
                month = library.BEGIN + months * random.random()
                studio.locator(".when").click()
                studio.wait_for_selector("[role=menuitem]")
                took = harness.sample(studio, "name => probe.toMonth(name)", f"{month:%B %Y}")
            samples["bare_event"].append(event)
            samples[name].append(took)
    return samples


def go_to(page: Page, name: str) -> None:
    page.locator(".when").click()
    page.get_by_role("menuitem", name=name).click()
    page.wait_for_timeout(2 * harness.SETTLE)


def report_frames(bare: Page, studio: Page) -> None:
    """One line: how many frames were slow."""
    go_to(studio, "Newest")
    bare.evaluate("document.body.style.height = '1e6px'")
    cards = "() => [...document.querySelectorAll('.card')].map((card) => card.getBoundingClientRect())"
    boxes = studio.evaluate(cards)
    columns = len({box["x"] for box in boxes})
    pixels = 1000 / columns * (boxes[0]["height"] + 8)
    scroll = "([all, step]) => probe.frames(all, step)"
    of = {"bare": bare.evaluate(scroll, [pixels, STEP]), "gallery": studio.evaluate(scroll, [pixels, STEP])}
    slow = {name: sum(one > SLOW for one in took) for name, took in of.items()}
    longest = {name: max(took) for name, took in of.items()}
    print(
        f"ratio slow_frames {slow['gallery']} aim <= 0 (of {len(of['gallery'])}, longest {longest['gallery']:.0f} ms; "
        f"of a blank page {slow['bare']}, longest {longest['bare']:.0f} ms)"
    )


if __name__ == "__main__":
    main(harness.rounds(10), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
