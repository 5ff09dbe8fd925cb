"""The record of its job that goes into a result, once, before the result is hashed and stored."""

import logging
from dataclasses import replace
from pathlib import Path

from backends.base import Outputs
from interchange.record import JobRecord, SourceType, portable_config
from interchange.writers import WriteError, write
from model_configs.schema import ModelConfig, files_in
from storage.jobs.store import Job
from studio.jobs.signing import Signer

log = logging.getLogger(__name__)


def with_records(
    outputs: Outputs, job: Job, model: ModelConfig, folder: Path, records: bool, signer: Signer | None = None
) -> Outputs:
    """The same files with the job's record in them, or without any metadata, in `folder`; with a signer also signed.

    One that cannot be written so stays as the model gave it: no result is lost for its record.
    """
    written = dict[Path, Path]()
    for number, path in enumerate(outputs.files):
        target = folder / f"{number}{path.suffix}"
        try:
            folder.mkdir(exist_ok=True)
            record = record_of(job, model, outputs.seeds.get(path)) if records else None
            write(path, target, record)
            written[path] = target
            if signer and record and record.source_type:
                written[path] = _signed(signer, target, record.source_type)
        except WriteError as error:
            log.info("%s is stored as the model gave it: %s", path.name, error)
        except Exception:  # whatever a damaged file makes a library raise
            log.warning("%s is stored as the model gave it", path.name, exc_info=True)
    seeds = {written.get(path, path): seed for path, seed in outputs.seeds.items()}
    return replace(outputs, files=tuple(written.get(path, path) for path in outputs.files), seeds=seeds)


def _signed(signer: Signer, path: Path, source_type: SourceType) -> Path:
    target = path.with_name(f"{path.stem}-signed{path.suffix}")
    if signer.sign(path, target, source_type):
        return target
    log.info("%s is stored without a signature: C2PA has none for such files", path.name)
    return path


def record_of(job: Job, model: ModelConfig, output_seed: int | None) -> JobRecord:
    """What a file of the job says of it; `output_seed` is that of the file, where it has one of its own."""
    options = job.options or {}
    media = {key: kind for name, kind in model.media().items() for key in files_in(options.get(name))}
    return JobRecord(
        model_id=model.id,
        model_name=model.name,
        model_version=job.model_version,
        type=model.type,
        options=options,
        resolved=job.resolved,
        media=media,
        seed=job.seed,
        output_seed=output_seed if output_seed is None or 0 <= output_seed < 2**64 else None,
        source_type=_source_type(model, has_pictures="image" in media.values() or "video" in media.values()),
        ran_with={name: str(version) for name, version in (job.ran_with or {}).items()},
        job_id=job.id,
        created_at=job.created_at,
        config=portable_config(job.config_snapshot or model.snapshot()),
    )


def _source_type(model: ModelConfig, has_pictures: bool) -> SourceType:
    if model.made_by == "rules":
        return "algorithmicMedia"
    return "compositeWithTrainedAlgorithmicMedia" if has_pictures else "trainedAlgorithmicMedia"
