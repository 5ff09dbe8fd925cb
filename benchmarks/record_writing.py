"""What a job's record costs its result: the time of writing it into a picture of 4 megapixels, and of reading it back.

PYTHONPATH=. .venv/bin/python benchmarks/record_writing.py [ROUNDS]
"""

import time
from collections import defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.harness import Samples, report, rounds
from interchange.record import JobRecord, portable_config, read_record
from interchange.writers import write
from tests import media_samples
from tests.shipped import SHIPPED

AIMS = {"png written": 1.5, "png read": 1, "jpeg written": 1, "webp written": 1}
"""In copies of the PNG's bytes."""


def main() -> None:
    samples: Samples = defaultdict(list)
    config = SHIPPED["pattern"]
    record = JobRecord(
        model_id=config.id, type="image", options=config.defaults(), config=portable_config(config.snapshot())
    )
    with TemporaryDirectory() as name:
        folder, target = Path(name), Path(name) / "written"
        files = {kind: folder / f"a.{kind}" for kind in ("png", "jpeg", "webp")}
        for path in files.values():
            media_samples.image(path, (2048, 2048))

        def timed(figure: str, start: float) -> None:
            samples[figure].append((time.perf_counter() - start) * 1000)

        for _ in range(rounds()):
            start = time.perf_counter()
            target.write_bytes(files["png"].read_bytes())
            timed("png copied", start)
            for kind, path in files.items():
                start = time.perf_counter()
                write(path, target, record)
                timed(f"{kind} written", start)
                start = time.perf_counter()
                assert read_record(target.read_bytes()) == record
                timed(f"{kind} read", start)
    report(samples, "png copied", AIMS)


if __name__ == "__main__":
    main()
