"""A worker as an endpoint runs it: by the `runpod` package, whose Python need have nothing of the studio."""

import os
from typing import Any

import runpod  # type: ignore[import-not-found]


def handler(job: dict[str, Any]) -> dict[str, Any]:
    runpod.serverless.progress_update(job, "Sampling 1/2")
    match job["input"]["prompt"]:
        case "raise":
            raise RuntimeError("CUDA out of memory")
        case "return":
            return {"error": "no image was made", "stderr": "at line 5"}
    return {"image": os.environ["RESULT"], "caption": "a fox"}


runpod.serverless.start({"handler": handler})
