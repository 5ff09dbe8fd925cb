"""A folder or ZIP of other tools' results as jobs: each content once, whatever ends an import, as they were made."""

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interchange.fields import Fields, Lora
from interchange.read import read
from interchange.writers import write
from model_configs.schema import ModelConfig
from storage.archive.export import export_archive
from storage.archive.import_ import import_archive
from storage.errors import ArchiveError
from storage.jobs.store import Job, JobStatus
from storage.media.probe import MediaLimits
from studio.folder_import import TOOLS, Fate, FolderImport, Tally
from studio.inputs import imported
from studio.inputs.from_file import reuse_input
from studio.inputs.restore import KEPT
from studio.inputs.reuse_event import ReuseJobInput
from tests import media_samples
from tests.interchange import made_files as made
from tests.interchange.test_record import record_of
from tests.kept_studio import KeptStudio
from tests.memory_studio import memory_studio
from tests.stored_jobs import SHIPPED

SETTINGS = "Steps: 20, Sampler: Euler a, Schedule type: Karras, CFG scale: 7, Seed: 18446744073709551615, Size: 512x768"
INFOTEXT = f"a red fox <lora:ink:0.5>\nNegative prompt: blurry\n{SETTINGS}, Model: dream"
MANY = 8


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KeptStudio]:
    studio = KeptStudio(tmp_path_factory.mktemp("kept"), {})
    yield studio
    studio.database.dispose()


@pytest.fixture
def user() -> str:
    return f"user {uuid4()}"


def taken(kept: KeptStudio, user: str, source: Path, tell: Any = None, **how: Any) -> Tally:
    context = kept.context
    place = context.workspaces.ensure_default(user).id
    importing = FolderImport(context.jobs, context.media, user, place, MediaLimits(), **how)
    return importing.run(source, source.parent / "work", *([tell] if tell else []))


def jobs_of(kept: KeptStudio, user: str, **filters: Any) -> list[Job]:
    found = kept.context.jobs.page(user, None, limit=200, **filters).jobs
    return [job for job in found if isinstance(job, Job)]


def content_of(kept: KeptStudio, job: Job) -> bytes:
    return kept.context.media.local_path(str(job.result_url)).read_bytes()


def picture(text: str, side: int = 8) -> bytes:
    return made.png({"parameters": text}, (side, side))


def folder_of(root: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    return root


def zip_of(path: Path, files: dict[str, bytes]) -> Path:
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def mixed() -> dict[str, bytes]:
    """Files of several tools and kinds, two of one content, one that says nothing, and one that is cut."""
    graph = {
        "1": {"class_type": "SaveImage", "inputs": {"images": ["2", 0]}},
        "2": {"class_type": "KSampler", "inputs": {"seed": 5, "steps": 9, "cfg": 2, "model": ["3", 0]}},
        "3": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "real.ckpt"}},
    }
    swarm = json.dumps({"sui_image_params": {"prompt": "a swarm", "seed": 3, "steps": 4}})
    return {
        "a1111/one.png": picture(INFOTEXT),
        "a1111/copy of one.PNG": picture(INFOTEXT),
        "comfy.png": made.png({"prompt": json.dumps(graph)}, (9, 9)),
        "film.mp4": made.film("mp4", {"prompt": json.dumps(graph)}, movflags="use_metadata_tags"),
        "sound.flac": made.sound("flac", {"prompt": json.dumps(graph)}),
        "beside.webp": made.saved("WEBP", (10, 10)),
        "beside.swarm.json": swarm.encode(),
        "holiday.jpg": made.saved("JPEG", (11, 11)),
        "cut.png": picture(INFOTEXT, 200)[:-60],
        "notes.txt": b"not looked at",
    }


@pytest.mark.parametrize("as_zip", [False, True])
def test_what_fooocus_writes_into_its_log_is_read_beside_each_picture(
    kept: KeptStudio, user: str, tmp_path: Path, as_zip: bool
) -> None:
    said = {"prompt": "a hat", "guidance_scale": "4.0", "base_model": "jugger.safetensors", "seed": "7"}
    files = {
        **{"day/1.0.png": made.saved("PNG", (12, 12)), "day/2.png": made.saved("PNG", (13, 13))},
        **{"3.png": made.saved("PNG", (14, 14)), "log.html": b'<div id="3_png">to_clipboard(\'%'},
        "day/log.html": made.fooocus_log({"1.0.png": said, "other.png": said}).encode(),
    }
    source = zip_of(tmp_path / "all.zip", files) if as_zip else folder_of(tmp_path / "all", files)
    assert taken(kept, user, source).counts == {Fate.JOB: 1, Fate.SILENT: 2}
    (job,) = jobs_of(kept, user)
    assert (job.model_id, job.prompt, job.seed) == ("imported-fooocus", "a hat", 7)


@pytest.mark.parametrize("as_zip", [False, True])
def test_files_become_finished_jobs_once(kept: KeptStudio, user: str, tmp_path: Path, as_zip: bool) -> None:
    files = mixed()
    source = zip_of(tmp_path / "all.zip", files) if as_zip else folder_of(tmp_path / "all", files)
    told: list[tuple[int, int]] = []
    tally = taken(kept, user, source, lambda *far: told.append(far))
    assert tally.counts == {Fate.JOB: 5, Fate.KNOWN: 1, Fate.SILENT: 1, Fate.REFUSED: 1}
    assert [name for name, _ in tally.refused] == ["cut.png"]
    assert told == [(done, 8) for done in range(1, 9)]
    jobs = {job.model_id: job for job in jobs_of(kept, user)}
    assert {(job.type, job.status) for job in jobs_of(kept, user)} == {
        (type_, JobStatus.COMPLETED) for type_ in ("image", "video", "audio")
    }
    one = jobs["imported-a1111"]
    assert (one.prompt, one.seed, one.ran_with) == (
        "a red fox <lora:ink:0.5>",
        2**64 - 1,
        {"Imported from": "A1111"},
    )
    assert one.options == {
        "prompt": "a red fox <lora:ink:0.5>",
        "negative_prompt": "blurry",
        "seed": 2**64 - 1,
        "steps": 20,
        "guidance": 7.0,
        "sampler": "Euler a",
        "scheduler": "Karras",
        "width": 512,
        "height": 768,
        "model": "dream",
        "loras": [{"path": "ink", "weight": 0.5}],
    }
    assert content_of(kept, one) == files["a1111/one.png"]
    assert kept.context.model_name(one) == "A1111 (imported)"
    assert jobs["imported-swarmui"].prompt == "a swarm"
    assert [job.id for job in jobs_of(kept, user, search="RED FOX")] == [one.id]
    again = taken(kept, user, source)
    assert again.counts == {Fate.KNOWN: 6, Fate.SILENT: 1, Fate.REFUSED: 1}
    assert len(jobs_of(kept, user)) == 5
    assert str(tally) == (
        "5 jobs. Left out: 1 there already, 1 that do not say how they were made, 1 that cannot be taken."
    )


def test_a_file_that_changes_later_does_not_change_the_result(kept: KeptStudio, user: str, tmp_path: Path) -> None:
    source = folder_of(tmp_path / "all", {"one.png": picture(INFOTEXT)})
    taken(kept, user, source)
    with (source / "one.png").open("r+b") as file:
        file.write(bytes(9))
    (job,) = jobs_of(kept, user)
    assert content_of(kept, job) == picture(INFOTEXT)


def test_what_was_deleted_or_is_anothers(kept: KeptStudio, user: str, tmp_path: Path) -> None:
    """What lies in the bin is not brought back; whose files another user has, has them too."""
    source = folder_of(tmp_path / "all", {"one.png": picture(INFOTEXT)})
    taken(kept, user, source)
    kept.context.delete_job(user, jobs_of(kept, user)[0].id)
    assert taken(kept, user, source).counts == {Fate.KNOWN: 1}
    other = f"{user} 2"
    assert taken(kept, other, source).counts == {Fate.JOB: 1}
    assert len(jobs_of(kept, other)) == 1


def test_one_tool_and_everything(kept: KeptStudio, user: str, tmp_path: Path) -> None:
    source = folder_of(tmp_path / "all", mixed())
    assert taken(kept, user, source, tool="swarmui").counts[Fate.JOB] == 1
    forge = taken(kept, user, source, tool="forge")  # which writes what A1111 writes
    assert (forge.counts[Fate.JOB], forge.counts[Fate.OTHER]) == (1, 3)
    assert taken(kept, user, source, everything=True).counts[Fate.JOB] == 4
    (bare,) = (job for job in jobs_of(kept, user) if job.model_id == "imported-file")
    assert (bare.options, bare.prompt) == ({}, None)


def test_every_tool_that_can_be_asked_for_is_one_that_a_reader_names() -> None:
    tools = (Path(__file__).parents[2] / "interchange").rglob("*.py")
    named = {imported.slug(text) for path in tools for text in path.read_text(encoding="utf-8").split('"')}
    assert named >= TOOLS - {"c2pa"}


def test_when_it_was_made(kept: KeptStudio, user: str, tmp_path: Path) -> None:
    civitai = f"{INFOTEXT}, Created Date: 2025-03-15T18:17:42.7115736Z, Civitai resources: []"
    exif = made.tiff(
        {}, {made.USER_COMMENT: b"UNICODE\0" + INFOTEXT.encode("utf-16-be"), 0x9003: b"2024:05:06 07:08:09"}
    )
    files = {
        "civitai.png": picture(civitai),
        "exif.jpg": made.with_exif("JPEG", exif),
        "film.mp4": made.film("mp4", {"comment": INFOTEXT, "creation_time": "2023-02-03T04:05:06Z"}),
        "plain.png": picture("a plain one\nSteps: 1, Seed: 2"),
        "tomorrow.png": picture("a late one\nSteps: 1, Seed: 2, Created Date: 2999-01-01T00:00:00Z"),
    }
    source = folder_of(tmp_path / "all", files)
    for name in files:
        os.utime(source / name, (1_600_000_000,) * 2)
    assert taken(kept, user, source).counts == {Fate.JOB: 5}
    jobs = {str(job.result_url): job for job in jobs_of(kept, user)}
    by_name = {info.name: jobs[key] for key, info in kept.context.files(user, jobs).items()}
    changed = datetime.fromtimestamp(1_600_000_000, UTC)
    assert {name: job.created_at.replace(microsecond=0) for name, job in by_name.items()} == {
        "civitai.png": datetime(2025, 3, 15, 18, 17, 42, tzinfo=UTC),
        "exif.jpg": datetime(2024, 5, 6, 7, 8, 9).astimezone(UTC),
        "film.mp4": datetime(2023, 2, 3, 4, 5, 6, tzinfo=UTC),
        "plain.png": changed,
        "tomorrow.png": changed,
    }


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\3\4" + bytes(50)])
def test_what_is_neither_a_folder_nor_a_zip_is_refused(
    kept: KeptStudio, user: str, tmp_path: Path, content: bytes
) -> None:
    source = tmp_path / "all.zip"
    with pytest.raises(ArchiveError, match="is neither a folder nor a ZIP"):
        taken(kept, user, source)
    source.write_bytes(content)
    with pytest.raises(ArchiveError, match="is neither a folder nor a ZIP"):
        taken(kept, user, source)


def test_a_damaged_or_oversized_member_is_named_and_the_others_are_taken(
    kept: KeptStudio, user: str, tmp_path: Path
) -> None:
    source = zip_of(tmp_path / "all.zip", {"a.png": picture(INFOTEXT), "b.png": picture("b\nSteps: 1, Seed: 2")})
    with ZipFile(source) as archive:
        at = archive.getinfo("a.png").header_offset + 60
    content = bytearray(source.read_bytes())
    content[at : at + 8] = bytes(8)
    source.write_bytes(content)
    tally = taken(kept, user, source)
    assert (tally.counts[Fate.JOB], [name for name, _ in tally.refused]) == (1, ["a.png"])


class StoppedError(Exception):
    """In place of a kill: nothing after it is done."""


@given(
    prompts=st.lists(st.integers(0, 5), min_size=1, max_size=MANY),
    stops=st.lists(st.integers(1, MANY), max_size=3),
    as_zip=st.booleans(),
)
def test_each_content_becomes_one_job_however_often_an_import_is_stopped(
    kept: KeptStudio,
    tmp_path_factory: pytest.TempPathFactory,
    prompts: Sequence[int],
    stops: Sequence[int],
    as_zip: bool,
) -> None:
    user, root = f"user {uuid4()}", tmp_path_factory.getbasetemp() / str(uuid4())
    files = {f"{at}.png": picture(f"prompt {number}\nSteps: 1, Seed: {number}") for at, number in enumerate(prompts)}
    root.mkdir()
    source = zip_of(root / "all.zip", files) if as_zip else folder_of(root / "all", files)
    for stop in stops:
        heard = count(1)

        def tell(done: int, of: int, heard: Iterator[int] = heard, stop: int = stop) -> None:
            if next(heard) == stop:
                raise StoppedError

        with suppress(StoppedError):
            taken(kept, user, source, tell)
    tally = taken(kept, user, source)
    assert sum(tally.counts.values()) == len(files)
    assert not tally.counts[Fate.REFUSED]
    jobs = jobs_of(kept, user)
    assert sorted(str(job.prompt) for job in jobs) == sorted({f"prompt {number}" for number in prompts})
    assert {content_of(kept, job) for job in jobs} == set(files.values())
    shutil.rmtree(root)


def test_an_archive_takes_such_jobs_elsewhere_and_back(
    kept: KeptStudio, user: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("moved")
    taken(kept, user, folder_of(folder / "all", mixed()))
    there = KeptStudio(tmp_path_factory.mktemp("there"), {})
    archive = folder / "work.zip"
    export_archive(kept.database, kept.context.media, user, archive)
    for new in (5, 0):
        counts = import_archive(there.database, there.context.media, user, archive, MediaLimits(), folder / "work")
        assert counts.jobs == new
    assert jobs_of(there, user) == jobs_of(kept, user)
    assert taken(there, user, folder / "all").counts[Fate.JOB] == 0
    there.database.dispose()


def own_files(root: Path, values: dict[str, Any], **more: Any) -> Path:
    """Two pictures that one job of `fill` made, each with the job's record."""
    config = SHIPPED["fill"]
    for number in (1, 2):
        plain = media_samples.png(root / f"plain {number}.png", seed=number)
        record = record_of(config, values, job_id="there-1", output_seed=number, **more)
        (root / "all").mkdir(exist_ok=True)
        write(plain, root / "all" / f"{number}.png", record)
    return root / "all"


def test_files_of_this_studio_bring_their_job_back(user: str, tmp_path: Path) -> None:
    """Also where its model is there no more; both outputs of the job are one job's, with the inputs that are there."""
    made = datetime(2024, 5, 6, 7, 8, tzinfo=UTC)
    kept = KeptStudio(tmp_path, {"fill": SHIPPED["fill"]})
    photo = kept.context.media.put(user, media_samples.png(tmp_path / "photo.png"), "photo.png").key
    values = SHIPPED["fill"].defaults() | {"image": photo}
    about = {"seed": 7, "created_at": made, "ran_with": {"torch": "2.9"}, "model_version": 3}
    source = own_files(tmp_path, values, **about)
    assert taken(kept, user, source).counts == {Fate.JOB: 2}
    (job,) = jobs_of(kept, user)
    assert (job.model_id, job.model_version, job.type, job.seed) == ("fill", 3, "image", 7)
    assert (job.created_at, job.media, job.image_input_path) == (made, (photo,), photo)
    assert job.ran_with == {"torch": "2.9", "Imported from": "Studio"}
    assert sorted(one.seed or 0 for one in job.outputs) == [1, 2]
    assert job.result_url == job.outputs[0].key
    event = kept.context.reuse_job_input(user, job.id)
    plan, files = kept.context.restore(event, "fill")
    assert (plan.values, plan.report.changed, set(files)) == (values, (), {photo})
    assert taken(kept, user, source).counts == {Fate.KNOWN: 2}
    gone = kept.with_models(SHIPPED["z-image"]).restore(event, "z-image")[0].report.lines[0].detail
    assert gone == "The model fill is not there any more, its inputs are offered to Z-Image"
    (other := tmp_path / "other").mkdir()
    bare = KeptStudio(other, {"fill": SHIPPED["fill"]})
    assert taken(bare, user, source).counts == {Fate.JOB: 2}
    (job,) = jobs_of(bare, user)
    assert (job.media, job.image_input_path, job.options) == ((), None, jobs_of(kept, user)[0].options)
    for studio in (kept, bare):
        studio.database.dispose()


def test_a_file_and_the_job_that_was_made_of_it_fill_a_form_alike(kept: KeptStudio, user: str, tmp_path: Path) -> None:
    taken(kept, user, folder_of(tmp_path / "all", {"one.png": picture(INFOTEXT)}))
    (job,) = jobs_of(kept, user)
    sampler = {"kind": "choice", "choices": ["euler", "euler_ancestral"], "label": "Sampler"}
    prompt = {"kind": "text", "label": "Prompt", "wildcards": True}
    parameters = {"positive": prompt, "sampler_name": sampler, "loras": {"kind": "loras"}, "seed": {"kind": "seed"}}
    config = ModelConfig.model_validate(
        {"id": "m", "name": "M", "type": "image", "backend": {"kind": "none"}, "parameters": parameters}
    )
    fields = read(picture(INFOTEXT))
    assert fields is not None
    context = kept.with_models(config)
    plan, _ = context.restore(context.reuse_job_input(user, job.id), "m")
    from_the_file, _ = context.restore(reuse_input(fields, config), "m", model_id="m")
    assert plan.values == from_the_file.values
    assert (plan.values["positive"], plan.values["sampler_name"]) == ("a red fox", "euler_ancestral")


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=40)
dynamic = st.sampled_from(["{{masterpiece}}, cat", "a {red|blue} fox", "a __hair__ fox", "\\{x\\}"])
sides = st.integers(8, 32).map(lambda number: number * 64)
known_fields = st.builds(
    Fields,
    st.sampled_from(["A1111", "SD.Next", "ComfyUI", "Made by someone ✓"]),
    prompt=st.none() | texts | dynamic,
    negative_prompt=st.none() | texts,
    seed=st.none() | st.integers(0, 2**64 - 1),
    steps=st.none() | st.integers(1, 50),
    guidance=st.none() | st.integers(5, 190).map(lambda number: number / 10),
    sampler=st.none() | st.sampled_from(["Euler a", "dpmpp_2m"]),
    width=st.none() | sides,
    height=st.none() | sides,
    model=st.none() | st.just("dream.safetensors"),
    loras=st.sampled_from([(), (Lora("ink", 0.5),)]),
)


@given(fields=known_fields)
def test_what_a_file_says_comes_into_a_model_of_the_studio(fields: Fields) -> None:
    """Under that model's names; a text that would be resolved there is written so that it is not."""
    config, made_by = SHIPPED["z-image"], imported.model(fields.tool, "image")
    event = ReuseJobInput(
        job_id="j",
        model_id=made_by.id,
        type="image",
        prompt=fields.prompt,
        seed=fields.seed,
        options=json.loads(json.dumps(imported.options(fields))),
        config_snapshot=json.loads(json.dumps(made_by.snapshot())),
    )
    context = memory_studio(config)
    plan, _ = context.restore(event, config.id)
    said = {"negative_prompt": fields.negative_prompt, "steps": fields.steps, "cfg": fields.guidance}
    said |= {"width": fields.width, "height": fields.height}
    said |= {"lora": [{"path": "ink", "weight": 0.5}] if fields.loras else None}
    outcomes = {line.name: line.outcome for line in plan.report.lines}
    for name, value in said.items():
        if value is not None:
            assert (plan.values[name], outcomes[name] in KEPT) == (value, True)
    if fields.prompt is not None:
        assert context.wildcards.resolve(plan.values["prompt"], 1, "prompt", 10_000) == fields.prompt
    if fields.seed is not None:
        assert plan.values["seed"] == (fields.seed if fields.seed < 2**53 else None)  # no other seed is near
    about = f"The job was made elsewhere, by {fields.tool} (imported): its inputs are offered to Z-Image"
    assert plan.report.lines[0].detail == about
