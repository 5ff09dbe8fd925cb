"""A reuse beside "Load run" of Gradio's own Run History, on a plain Gradio app with the same fields: time and result.

    .venv/bin/python benchmarks/run_history.py [ROUNDS]

Both forms are left with the values of one job and then get those of another. Load run reopens the app; it is timed
until every field is right that it brings back at all, a reuse until all are. The table counts what is right then.
"""

import sys
import tempfile
from collections import Counter, defaultdict
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import harness
from benchmarks.harness import Samples
from benchmarks.media_size import pictures
from benchmarks.plain_page import SWITCH
from benchmarks.reuse_models import Case, data_folder, inputs, make_jobs, write_model

MODEL = "inputs-40"
SIZE = 40
MEDIA = {"file": {"kind": "image"}, "extra": {"kind": "image", "depends_on": {SWITCH: True}}}


def main(rounds: int) -> None:
    """Start both, sample them in turn, print the ratio and the table."""
    samples: Samples = defaultdict(list)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="run-history-")))
        models = folder / "models"
        models.mkdir()
        write_model(models, MODEL, SIZE, MEDIA)
        x, y = pictures(folder)
        files = {MODEL: [{"file": x, "extra": x}, {"file": y}]}
        cases = make_jobs(data_folder(folder / "data", models), {MODEL: SIZE}, files)[MODEL]
        url = stack.enter_context(harness.studio(folder / "data", models))
        app = stack.enter_context(harness.server("benchmarks/plain_page.py", str(SIZE), str(x), str(y)))
        browser = stack.enter_context(harness.chromium())
        studio = harness.open_page(browser, url, ".card .reuse")
        plain = harness.open_page(browser, app, "#run")
        runs = [make_run(plain, which) for which in range(2)]
        wrong_plain = [wrong_after_load(plain, app, runs, which) for which in range(2)]
        wrong_studio = [wrong_after_reuse(studio, case) for case in cases]
        brought = [
            {id_: runs[which][id_] for id_ in runs[which] if id_ not in wrong_plain[which]} for which in range(2)
        ]
        for round_ in range(rounds + 1):
            for which, case in enumerate(cases):
                taken = {"load_run": load_run(plain, app, brought, which), "reuse": harness.reuse(studio, case)}
                for name, took in taken.items() if round_ else ():
                    samples[name].append(took)
    harness.report(samples, "load_run", {"reuse": 0.5})
    print_table(cases, wrong_studio, wrong_plain)


def make_run(page: Page, which: int) -> dict[str, Any]:
    """A run of the values of x or y; what the form shows, by the id of the field."""
    page.click(f"#fill-{which}")
    page.wait_for_timeout(5 * harness.SETTLE)
    seed = inputs(SIZE)["seed"][0].values[which]
    page.click("#run")
    page.wait_for_function("text => document.querySelector('#done textarea').value === text", arg=f"seed {seed}")
    ids = [f"field-{name}" for name in (*inputs(SIZE), *MEDIA)]
    shown: dict[str, Any] = page.evaluate("ids => Object.fromEntries(ids.map((id) => [id, probe.read(id)]))", ids)
    return shown


def load_run(page: Page, app: str, shown: list[dict[str, Any]], which: int) -> float:
    """Milliseconds from the click on Load run until the app shows it."""
    page.goto(f"{app}gradio_api/runs")
    page.wait_for_selector("button.load")
    page.wait_for_timeout(harness.SETTLE)
    newest_first = len(shown) - 1 - which
    start: float = page.evaluate(
        """place => {
            const start = performance.timeOrigin + performance.now();
            document.querySelectorAll("button.load")[place].click();
            return start;
        }""",
        newest_first,
    )
    page.wait_for_url(app, wait_until="commit")
    end: float = page.evaluate("async shown => performance.timeOrigin + (await probe.right(shown))", shown[which])
    page.wait_for_timeout(harness.SETTLE)
    return end - start


def wrong_after_load(page: Page, app: str, runs: list[dict[str, Any]], which: int) -> list[str]:
    """The ids of the fields that Load run does not bring back."""
    load_run(page, app, [{"field-seed": run["field-seed"]} for run in runs], which)
    page.wait_for_timeout(5 * harness.SETTLE)
    wrong: list[str] = page.evaluate("shown => probe.wrong(shown)", runs[which])
    return wrong


def wrong_after_reuse(page: Page, case: Case) -> list[str]:
    """The ids of the fields that a reuse does not bring back."""
    page.click(f".card[data-job='{case.job_id}'] .reuse")
    page.wait_for_timeout(5 * harness.SETTLE)
    wrong: list[str] = page.evaluate("shown => probe.wrong(shown)", case.shown)
    return wrong


def print_table(cases: list[Case], wrong_studio: list[list[str]], wrong_plain: list[list[str]]) -> None:
    """How many fields of each kind are right in both jobs together; a hidden one is right when it is hidden."""
    kinds = {name: kind.declared["kind"] + (", conditional" if on else "") for name, (kind, on) in inputs(SIZE).items()}
    kinds |= {"file": "image", "extra": "image, conditional"}
    of_kind = Counter(kinds.values())
    print(f"{'table field':24} {'reuse':>10} {'load run':>10}")
    for kind, count in sorted(of_kind.items()):
        total = len(cases) * count
        right = [
            total - sum(kinds[id_.removeprefix(prefix)] == kind for wrong in several for id_ in wrong)
            for several, prefix in ((wrong_studio, f"field-{MODEL}-"), (wrong_plain, "field-"))
        ]
        print(f"table {kind:18}", *(f"{number:>4} of {total:<2}" for number in right))


if __name__ == "__main__":
    main(harness.rounds())
