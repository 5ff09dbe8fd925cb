"""One user's work that becomes another's."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy import Engine

from storage.adoption import Adopted, Adoption
from storage.drafts import DraftStore
from storage.jobs.links import LinkKind, Source
from storage.jobs.store import JobStore
from storage.media.store import MediaStore
from storage.presets import PresetForm, PresetStore
from storage.tables import now
from storage.workspaces import WorkspaceStore
from tests import media_samples
from tests.storage.job_samples import new_job


def test_all_of_a_users_work_is_anothers_then_and_nobody_elses_changes(engine: Engine, tmp_path: Path) -> None:
    jobs, workspaces, media = JobStore(engine), WorkspaceStore(engine), MediaStore(engine, tmp_path / "media")
    own, theirs = workspaces.create("visitor:1", "Foxes"), workspaces.create("ann", "FOXES")
    alone, anns = workspaces.create("visitor:1", "Owls"), workspaces.create("ann", "Ponds")
    photo = media.put("visitor:1", media_samples.png(tmp_path / "photo.png"), "photo.png").key
    queued = jobs.create(new_job("visitor:1", workspace_id=own.id, prompt="a fox", media=(photo,)))
    running = jobs.create(new_job("visitor:1", workspace_id=alone.id))
    jobs.start(running.id)
    before = jobs.create(new_job("ann", workspace_id=anns.id))
    others = jobs.create(new_job("bob"))
    adoption = Adoption(engine)
    assert [(one.user_id, one.jobs) for one in adoption.owners()] == [("bob", 1), ("ann", 1), ("visitor:1", 2)]
    assert adoption.adopt("visitor:1", "ann") == Adopted(jobs=2, workspaces=2, presets=0, drafts=0, files=1)
    assert {job.id for job in jobs.page("ann", None).jobs} == {queued.id, running.id, before.id}
    assert [job.id for job in jobs.page("ann", theirs.id, search="fox").jobs] == [queued.id]
    assert sorted(one.name for one in workspaces.list("ann")) == ["FOXES", "Owls", "Ponds"]
    assert (media.find("ann", photo) is not None, media.find("visitor:1", photo)) == (True, None)
    assert jobs.page("visitor:1", None).jobs == workspaces.list("visitor:1") == ()
    assert [job.id for job in jobs.page("bob", None).jobs] == [others.id]
    assert jobs.complete(running.id, [photo])
    assert adoption.adopt("visitor:1", "ann") == Adopted(0, 0, 0, 0, 0)


def test_forms_as_they_were_left_go_along_where_the_other_has_none_of_the_model(engine: Engine, tmp_path: Path) -> None:
    drafts, media = DraftStore(engine), MediaStore(engine, tmp_path / "media")
    pictures = {model: media_samples.png(tmp_path / f"{model}.png", seed=len(model)) for model in ("fill", "upscale")}
    keys = {model: media.put("visitor:1", picture, picture.name).key for model, picture in pictures.items()}
    job = JobStore(engine).create(new_job("visitor:1"))
    for model, key in keys.items():
        drafts.save("visitor:1", model, {"image": key}, [key], [Source(job.id, LinkKind.REUSE)])
    drafts.save("ann", "upscale", {"factor": 3}, ())
    assert Adoption(engine).adopt("visitor:1", "ann").drafts == 1
    assert drafts.all("ann") == {"fill": {"image": keys["fill"]}, "upscale": {"factor": 3}}
    assert drafts.sources("ann") == {"fill": (Source(job.id, LinkKind.REUSE),)}
    assert drafts.all("visitor:1") == {"upscale": {"image": keys["upscale"]}}
    assert media.find("visitor:1", keys["upscale"]), "what is left there needs it"
    assert media.find("visitor:1", keys["fill"]) is None
    media.sweep(now() + timedelta(days=1))
    assert all(media.local_path(key).exists() for key in keys.values())


def test_a_preset_of_a_name_that_the_others_workspace_has_gets_a_number(engine: Engine) -> None:
    presets, workspaces = PresetStore(engine), WorkspaceStore(engine)
    for user, place, name in (
        *(("ann", "Foxes", "sharp"), ("ann", "Foxes", "Sharp (2)"), ("ann", "Ponds", "Sharp")),
        *(("visitor:1", "foxes", "Sharp"), ("visitor:1", "Owls", "Sharp")),
    ):
        known = {one.name: one.id for one in workspaces.list(user)}
        place_id = known.get(place) or workspaces.create(user, place).id
        presets.create(user, place_id, name, PresetForm("pattern", {}, {"id": "pattern"}), ())
    Adoption(engine).adopt("visitor:1", "ann")
    places = {one.id: one.name for one in workspaces.list("ann")}
    assert sorted((places[one.workspace_id or ""], one.name) for one in presets.list("ann")) == [
        *(("Foxes", "Sharp (2)"), ("Foxes", "Sharp (3)"), ("Foxes", "sharp")),
        *(("Owls", "Sharp"), ("Ponds", "Sharp")),
    ]
