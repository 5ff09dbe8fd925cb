"""A job's inputs as text for other programs: JSON, A1111's infotext, or a call from Python."""

import json
from pprint import pformat
from typing import Any, Literal

from interchange.tools import studio
from interchange.writers.infotext import infotext
from model_configs.schema import ModelConfig, Seed
from storage.jobs.store import Job
from studio.jobs.job_record import record_of

Notation = Literal["json", "a1111", "python"]

_CALL = """from gradio_client import Client

studio = Client({address!r})
made = studio.predict(
    {model!r},
    {values},
    api_name="/submit_job",
)
print(made["job_id"])
"""


def in_notation(job: Job, config: ModelConfig, notation: Notation, address: str) -> str:
    """`address` is the studio's URL. As infotext it is empty where A1111 has no settings for such a job."""
    if notation == "a1111":
        return infotext(studio.fields(record_of(job, config, None)))
    values = inputs(job, config)
    if notation == "json":
        return json.dumps({"model_id": config.id, "values": values}, ensure_ascii=False, indent=2)
    shown = pformat(values, width=92, sort_dicts=False).replace("\n", "\n    ")
    return _CALL.format(address=address, model=config.id, values=shown)


def inputs(job: Job, config: ModelConfig) -> dict[str, Any]:
    """What `submit_job` takes for the same job again: the seed that it ran with, files by their keys."""
    media = config.media()
    values = {name: value for name, value in (job.options or {}).items() if name in config.parameters}
    for name, value in values.items():
        if name in media and isinstance(value, list):
            values[name] = [_file(job, key) for key in value]
        elif name in media and value is not None:
            values[name] = _file(job, value)
        elif isinstance(config.parameters[name], Seed) and value is None:
            values[name] = job.seed
    return values


def _file(job: Job, key: str) -> dict[str, str]:
    return {"file": key, "name": job.file_names.get(key, key.rpartition("/")[2])}
