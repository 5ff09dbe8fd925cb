"""Jobs and drafts with lists of pictures and masks, taken elsewhere: reuse brings them there as it does here."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_configs.schema import ModelConfig
from storage.archive.export import export_archive
from storage.archive.import_ import import_archive
from storage.media.probe import MediaLimits
from studio.context import StudioContext
from studio.inputs.restore import plan
from tests import media_samples
from tests.kept_studio import KeptStudio
from tests.memory_studio import USER, entered
from tests.stored_jobs import SHIPPED
from tests.strategies import model_configs, values_for

KINDS = ["images", "images", "mask", "image", "image", "size", "colour", "json", "choice"]
MODELS = st.sampled_from([SHIPPED["collage"], SHIPPED["fill"], SHIPPED["slideshow"]]) | model_configs(6, KINDS)


@pytest.fixture(scope="module")
def two_studios(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[KeptStudio, KeptStudio]]:
    folders = [tmp_path_factory.mktemp(name) for name in ("here", "there")]
    here, there = (KeptStudio(folder, {}) for folder in folders)
    yield here, there
    here.database.dispose()
    there.database.dispose()


def taken(here: KeptStudio, there: KeptStudio, user: str, folder: Path) -> None:
    """All of the user's work, in the other studio too."""
    archive = folder / f"{uuid4()}.zip"
    export_archive(here.database, here.context.media, user, archive)
    import_archive(there.database, there.context.media, user, archive, MediaLimits(), folder / "work")
    archive.unlink()


def finished(
    studio: KeptStudio, context: StudioContext, config: ModelConfig, values: dict[str, Any], user: str = USER
) -> str:
    job = context.submit(user, None, config.id, entered(config, values, studio.media_root))
    assert context.jobs.start(job.id)
    assert context.jobs.complete(job.id, [studio.keys["image"][0]])
    return job.id


@given(data=st.data())
def test_a_job_and_a_draft_come_back_elsewhere_with_every_picture_in_its_place(
    two_studios: tuple[KeptStudio, KeptStudio], tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    here, there = two_studios
    config, user = data.draw(MODELS), f"bob {uuid4()}"
    for path in here.files["image"]:
        here.context.media.put(user, path, path.name)
    values = data.draw(values_for(config, here.keys))
    source, target = here.with_models(config), there.with_models(config)
    job_id = finished(here, source, config, values, user)
    source.keep_draft(user, config.id, values)
    taken(here, there, user, tmp_path_factory.getbasetemp())

    event = target.reuse_job_input(user, job_id)
    assert event == source.reuse_job_input(user, job_id)
    restored = plan(event, config, event.files)
    assert not restored.report.lost
    for name in config.visible(values):
        assert restored.values[name] == values[name]
    assert target.recall_drafts(user).plans.get(config.id) == source.recall_drafts(user).plans.get(config.id)
    for key in event.files:
        assert there.context.media.local_path(key).read_bytes() == here.context.media.local_path(key).read_bytes()


def test_the_same_picture_twice_in_a_list_and_as_its_own_mask_comes_back_so(tmp_path: Path) -> None:
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
    collage, fill = SHIPPED["collage"], SHIPPED["fill"]
    here, there = (KeptStudio(tmp_path / name, {"collage": collage, "fill": fill}) for name in ("here", "there"))
    a, b = here.keys["image"][:2]
    path = media_samples.png(tmp_path / "only here.png", seed=9)
    own = here.context.media.put(USER, path, path.name).key
    pictures = [b, own, a, b]
    laid_out = finished(here, here.context, collage, {**collage.defaults(), "pictures": pictures})
    filled = finished(here, here.context, fill, {**fill.defaults(), "image": own, "mask": own})
    here.context.keep_draft(USER, "collage", {**collage.defaults(), "pictures": pictures})
    taken(here, there, USER, tmp_path)

    assert there.context.reuse_job_input(USER, laid_out).options["pictures"] == pictures
    options = there.context.reuse_job_input(USER, filled).options
    assert (options["image"], options["mask"]) == (own, own)
    assert there.context.recall_drafts(USER).plans["collage"].values["pictures"] == pictures
    assert there.context.media.local_path(own).read_bytes() == path.read_bytes()
    assert there.context.files("bob", [own]) == {}, "it is its owner's alone there too"
    here.database.dispose()
    there.database.dispose()
