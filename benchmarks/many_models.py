"""What 30 models in the page cost against 3: a reuse, and the load of the page.

    .venv/bin/python benchmarks/many_models.py [ROUNDS]

Every model has 20 inputs. Reused are the jobs of the first model and of the last, which stands deepest in the page.
"""

import sys
import tempfile
from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import harness
from benchmarks.harness import Samples
from benchmarks.reuse_models import data_folder, make_jobs, write_model

INPUTS = 20
FEW, MANY = 3, 30


def main(rounds: int) -> None:
    """Start both studios, sample them in turn, print."""
    samples: Samples = defaultdict(list)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="many-models-")))
        browser = stack.enter_context(harness.chromium())
        urls, pages, jobs = {}, {}, {}
        for count in (FEW, MANY):
            models = folder / f"models-{count}"
            models.mkdir()
            for number in range(count):
                write_model(models, f"model-{number:02}", INPUTS)
            used = {f"model-{number:02}": INPUTS for number in (0, count - 1)}
            jobs[count] = make_jobs(data_folder(folder / str(count), models), used)
            urls[count] = stack.enter_context(harness.studio(folder / str(count), models))
            pages[count] = harness.open_page(browser, urls[count], ".card .reuse")
        for round_ in range(rounds + 1):
            for turn in range(2):  # the last model and the first
                for which in range(2):
                    for count in (FEW, MANY):
                        case = list(jobs[count].values())[turn - 1][which]
                        took = harness.reuse(pages[count], case)
                        if round_:
                            samples[f"reuse_{'same' if which else 'switch'}_{count}"].append(took)
        for round_ in range(rounds + 1):
            for count in (FEW, MANY):
                took = harness.load(pages[count], urls[count], "button.generate")
                if round_:
                    samples[f"page_load_{count}"].append(took)
    for what in ("reuse_same", "reuse_switch", "page_load"):
        harness.report(samples, f"{what}_{FEW}", {f"{what}_{MANY}": 1.2})


if __name__ == "__main__":
    main(harness.rounds())
