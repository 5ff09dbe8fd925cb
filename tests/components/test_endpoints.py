"""The endpoints by their names: what they answer is what is published, what they refuse is a sentence."""

import json
from typing import Any, get_type_hints

import gradio as gr
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from components.endpoints import Endpoints
from interchange.tools import infotext
from model_configs.schema import ModelConfig
from storage.jobs.store import Job
from tests.components.page_site import Site, example, submit
from tests.kept_studio import KeptStudio
from tests.memory_studio import USER
from tests.shipped import SHIPPED
from tests.strategies import values_for

any_shipped = st.sampled_from(list(SHIPPED.values()))
PATTERN = SHIPPED["pattern"]
NAMES = [name for name in vars(Endpoints) if not name.startswith("_") and name != "add_to"]
OF_A_JOB = [
    "get_job",
    "delete_job",
    "undelete_job",
    "delete_job_forever",
    "rate_job",
    "set_favourite",
    "reuse_job",
    "compare_job",
    "send_on",
    "move_job",
    "run_job_again",
]
MORE = {"send_on": {"model_id": "upscale", "parameter": "image"}, "move_job": {"to": "top"}}

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
asked = anything | st.sampled_from(["pattern", "exact", "all", "completed", "image", "prompt", {"prompt": "a hat"}])


def is_as_published(name: str, answer: Any) -> None:
    hint = get_type_hints(getattr(Endpoints, name))["return"]
    TypeAdapter(hint).validate_python(answer)


@given(config=any_shipped, data=st.data())
def test_a_job_that_is_reused_and_submitted_is_the_job_again(
    kept: KeptStudio, site: Site, config: ModelConfig, data: st.DataObject
) -> None:
    """**Feature: job-input-reuse, Property 2: For any job using a different model than currently selected, when reuse
    is triggered, the system should switch to the correct model**
    """
    values = data.draw(values_for(config, kept.keys))
    made = site.ask("submit_job", model_id=config.id, values=site.sent(config, values))
    assert made["problems"] == {}
    job = site.context.job(USER, made["job_id"])
    assert isinstance(job, Job)
    assert job.options == {name: values[name] for name in config.parameters if name in config.visible(values)}
    filling = site.ask("reuse_job", job_id=job.id, seed="exact")
    is_as_published("reuse_job", filling)
    assert filling["plan"]["model_id"] == config.id
    again = site.ask("submit_job", model_id=config.id, values=filling["plan"]["values"])
    same = site.context.job(USER, again["job_id"])
    assert isinstance(same, Job)
    seed = next((n for n, p in config.parameters.items() if p.kind == "seed" and n in (job.options or {})), None)
    assert same.options == {**(job.options or {}), **({seed: job.seed} if seed else {})}
    assert same.media == job.media


@given(name=st.sampled_from(NAMES), data=st.data())
def test_whatever_is_sent_the_answer_is_as_published_or_a_sentence(site: Site, name: str, data: st.DataObject) -> None:
    parameters = site.blocks.endpoints[name]
    chosen = data.draw(st.sets(st.sampled_from(sorted(parameters)))) if parameters else ()
    sent = {one: data.draw(asked) for one in sorted(chosen)}
    try:
        answer = site.ask(name, **sent)
    except gr.Error as error:
        refused = error.message
    else:
        is_as_published(name, answer)
        return
    assert refused.endswith((".", "'"))


@pytest.mark.parametrize("name", NAMES)
def test_what_is_published_is_what_the_function_says(site: Site, name: str) -> None:
    told = site.blocks.get_api_info()["named_endpoints"][f"/{name}"]
    hints = get_type_hints(getattr(Endpoints, name), include_extras=True)
    types = {one["parameter_name"]: one["type"] for one in told["parameters"]}
    assert types == {one: TypeAdapter(hints[one]).json_schema() for one in site.blocks.endpoints[name]}
    assert [one["type"] for one in told["returns"]] == (
        [] if hints["return"] is type(None) else [TypeAdapter(hints["return"]).json_schema()]
    )
    assert told["description"]


@pytest.mark.parametrize("name", NAMES)
def test_every_example_is_of_the_type_of_its_input(site: Site, name: str) -> None:
    told = site.blocks.get_api_info()["named_endpoints"][f"/{name}"]
    hints = get_type_hints(getattr(Endpoints, name), include_extras=True)
    for one in told["parameters"]:
        TypeAdapter(hints[one["parameter_name"]]).validate_python(one["example_input"])
        assert one["example_input"] != "..."


@pytest.mark.parametrize("name", OF_A_JOB)
def test_anothers_job_is_refused_as_one_that_does_not_exist(kept: KeptStudio, site: Site, name: str) -> None:
    job = submit(kept, site.context, PATTERN, example(kept, PATTERN))
    more = MORE.get(name, {})
    for user, job_id in (("bob", job.id), (USER, "no-such-job")):
        with pytest.raises(gr.Error, match="This job does not exist"):
            site.ask(name, user, job_id=job_id, **more)


def test_what_is_of_the_wrong_type_is_named(site: Site) -> None:
    with pytest.raises(gr.Error, match=r"job_id: Input should be a valid string\. part: Input should be 'all'"):
        site.ask("reuse_job", job_id=5, part="half")


def test_a_value_that_is_not_taken_is_told_by_its_input_and_makes_no_job(kept: KeptStudio, site: Site) -> None:
    jobs = kept.count("job")
    values = {"prompt": "a hat", "steps": 10**6, "seed": -1}
    told = site.ask("submit_job", model_id="z-image", values=values)
    assert told["job_id"] is None
    assert told["problems"].keys() == {"steps", "seed"}
    assert kept.count("job") == jobs


def test_anothers_file_is_refused_at_its_input(kept: KeptStudio, site: Site) -> None:
    told = site.ask("submit_job", "bob", model_id="upscale", values={"image": {"file": kept.keys["image"][0]}})
    assert told["problems"] == {"image": "Image: the file is not there any more, choose it again"}


def test_a_part_goes_into_what_the_form_holds(kept: KeptStudio, site: Site) -> None:
    job = submit(kept, site.context, PATTERN, {**example(kept, PATTERN), "prompt": "an old hat"})
    plan = site.ask("reuse_job", job_id=job.id, part="prompt", now={"prompt": "new"})["plan"]
    assert plan["values"] == {"prompt": "an old hat"}
    rows = site.ask("compare_job", job_id=job.id, now={"prompt": "new"})["rows"]
    assert (rows[0]["name"], rows[0]["now"]["text"], rows[0]["then"]["text"]) == ("prompt", "new", "an old hat")


def test_a_draft_is_recalled_with_its_files(kept: KeptStudio, site: Site) -> None:
    config = SHIPPED["upscale"]
    held = site.sent(config, example(kept, config))
    assert site.ask("keep_draft", model_id=config.id, now=held, selected=config.id) == {"refused": {}, "fault": ""}
    recalled = site.ask("recall_drafts")
    is_as_published("recall_drafts", recalled)
    (draft,) = (one for one in recalled["drafts"] if one["model_id"] == config.id)
    assert draft["values"]["image"] == held["image"]
    assert recalled["model_id"] == config.id
    site.ask("keep_draft", model_id=config.id, now=config.defaults())
    assert config.id not in [one["model_id"] for one in site.ask("recall_drafts")["drafts"]]


def test_jobs_are_listed_page_by_page_and_by_what_is_asked_for(kept: KeptStudio, site: Site) -> None:
    workspace = site.ask("create_workspace", name="Of a list")["id"]
    made = [
        site.ask("submit_job", model_id="pattern", values={"prompt": f"hat {place}"}, workspace_id=workspace)["job_id"]
        for place in range(3)
    ]
    first = site.ask("list_jobs", workspace_id=workspace, limit=2)
    is_as_published("list_jobs", first)
    second = site.ask("list_jobs", workspace_id=workspace, limit=2, cursor=first["next"])
    assert [card["id"] for card in [*first["jobs"], *second["jobs"]]] == made[::-1]
    assert (second["next"], first["total"]) == (None, 3)
    site.ask("set_favourite", job_id=made[0])
    site.ask("delete_job", job_id=made[1])
    found = {name: site.ask("list_jobs", workspace_id=workspace, **{name: True}) for name in ("favourite", "deleted")}
    assert {name: [card["id"] for card in one["jobs"]] for name, one in found.items()} == {
        "favourite": [made[0]],
        "deleted": [made[1]],
    }
    oldest = site.ask("list_jobs", workspace_id=workspace, newer=True, limit=1)
    is_as_published("list_jobs", oldest)
    assert [card["id"] for card in oldest["jobs"]] == [made[0]]
    newer = site.ask("list_jobs", workspace_id=workspace, newer=True, cursor=oldest["previous"])
    assert [card["id"] for card in newer["jobs"]] == [made[2]]
    before = site.ask("list_jobs", workspace_id=workspace, at=newer["jobs"][0]["created_at"])
    assert [card["id"] for card in before["jobs"]] == [made[0]]
    site.ask("undelete_job", job_id=made[1])
    assert site.ask("get_job", job_id=made[1])["deleted_at"] is None
    site.ask("rate_job", job_id=made[0], rating=4)
    rated = site.ask("list_jobs", workspace_id=workspace, search="hat rating>3 wool:red -blue", rating=4)
    assert (rated["jobs"], len(rated["notes"])) == ([], 1)
    (card,) = site.ask("list_jobs", workspace_id=workspace, search="HÄT rating>3")["jobs"]
    assert (card["id"], card["rating"]) == (made[0], 4)
    with pytest.raises(gr.Error, match="is not deleted"):
        site.ask("delete_job_forever", job_id=made[1])
    for job_id in made[1:]:
        site.ask("delete_job", job_id=job_id)
    site.ask("delete_job_forever", job_id=made[1])
    assert site.ask("empty_bin", workspace_id=workspace) == 1
    assert site.ask("list_jobs", workspace_id=workspace, deleted=True)["jobs"] == []
    site.ask("cancel_jobs", workspace_id=workspace)
    assert {card["status"] for card in site.ask("list_jobs", workspace_id=workspace)["jobs"]} == {"cancelled"}


def test_several_jobs_are_marked_moved_deleted_and_put_back_at_once(site: Site) -> None:
    here, there = (site.ask("create_workspace", name=name)["id"] for name in ("Several here", "Several there"))
    made = [
        site.ask("submit_job", model_id="pattern", values={"prompt": "hat"}, workspace_id=here)["job_id"]
        for _ in range(3)
    ]
    asked = {"job_ids": [*made[:2], "no such job"]}

    def listed(workspace: str, **filters: Any) -> set[str]:
        return {card["id"] for card in site.ask("list_jobs", workspace_id=workspace, **filters)["jobs"]}

    for name in ("set_favourites", "move_jobs", "delete_jobs", "undelete_jobs"):
        more = {"workspace_id": there} if name == "move_jobs" else {}
        answer = site.ask(name, **asked, **more)
        is_as_published(name, answer)
        assert set(answer) == set(made[:2])
        if name == "delete_jobs":
            assert listed(there, deleted=True) == set(made[:2])
    assert listed(here) == {made[2]}
    assert listed(there, favourite=True) == set(made[:2])
    with pytest.raises(gr.Error, match="job_ids"):
        site.ask("delete_jobs", job_ids=[])


def test_a_workspace_is_renamed_deleted_and_put_back(site: Site) -> None:
    made = site.ask("create_workspace", name="One")
    assert site.ask("rename_workspace", workspace_id=made["id"], name="Two") == {"id": made["id"], "name": "Two"}
    site.ask("delete_workspace", workspace_id=made["id"])
    assert made["id"] not in [one["id"] for one in site.ask("list_workspaces")]
    assert site.ask("undelete_workspace", workspace_id=made["id"])["name"] == "Two"
    assert made["id"] in [one["id"] for one in site.ask("list_workspaces")]


@given(config=any_shipped, data=st.data())
def test_a_job_that_is_written_down_and_submitted_from_that_is_the_job_again(
    kept: KeptStudio, site: Site, config: ModelConfig, data: st.DataObject
) -> None:
    values = data.draw(values_for(config, kept.keys))
    job_id = site.ask("submit_job", model_id=config.id, values=site.sent(config, values))["job_id"]
    told = json.loads(site.ask("write_job", job_id=job_id, notation="json"))
    assert told["model_id"] == config.id
    again = site.ask("submit_job", **told)
    job, same = (site.context.job(USER, one) for one in (job_id, again["job_id"]))
    assert isinstance(job, Job)
    assert isinstance(same, Job)
    seed = next((n for n, p in config.parameters.items() if p.kind == "seed" and n in (job.options or {})), None)
    assert (same.options, same.media) == ({**(job.options or {}), **({seed: job.seed} if seed else {})}, job.media)
    assert _asked(site.ask("write_job", job_id=job_id, notation="python", address='https://a.b/"c')) == (
        'https://a.b/"c',
        (config.id, told["values"]),
        "/submit_job",
    )


def _asked(program: str) -> Any:
    """What a program asks of a client: the address, the arguments, the name."""
    asked: list[Any] = []

    class Client:
        def __init__(self, address: str) -> None:
            asked.append(address)

        def predict(self, *arguments: Any, api_name: str) -> dict[str, str]:
            asked.extend([arguments, api_name])
            return {"job_id": "x"}

    lines = [line for line in program.splitlines() if not line.startswith(("from gradio_client", "print("))]
    exec("\n".join(lines), {"Client": Client})
    return tuple(asked)


def test_a_job_is_written_as_a1111_does_where_that_says_something(site: Site) -> None:
    made = site.ask("submit_job", model_id="pattern", values={"prompt": "a hat", "seed": 5, "width": 640})
    text = site.ask("write_job", job_id=made["job_id"], notation="a1111")
    assert text.splitlines()[0] == "a hat"
    found = infotext.fields(text)
    assert (found.prompt, found.seed, found.width, found.model) == ("a hat", 5, 640, "Pattern")


def test_a_preset_is_listed_brought_back_and_another_users_as_one_that_does_not_exist(
    kept: KeptStudio, site: Site
) -> None:
    config = SHIPPED["upscale"]
    held = site.sent(config, {**example(kept, config), "factor": 3})
    made = site.ask("save_preset", name="<b>Pond</b>", model_id=config.id, values=held)
    is_as_published("save_preset", made)
    assert made in site.ask("list_presets")
    shown = {name: held[name] for name in config.visible(config.defaults())}
    answered = site.ask("reuse_preset", preset_id=made["id"])
    plan = answered["plan"]
    assert {name: plan["values"][name] for name in shown} == shown
    assert (plan["title"], plan["sources"], answered["notice"]["what"]) == ("<b>Pond</b>", [], "preset")
    part = site.ask("reuse_preset", preset_id=made["id"], part="media", now=config.defaults())["plan"]
    assert part["values"] == {"image": held["image"]}
    told = site.ask("reuse_preset", preset_id=made["id"], part="prompt", now=held)
    assert told["notice"]["text"] == "The preset has nothing of that kind."
    rows = site.ask("compare_preset", preset_id=made["id"], now={**held, "factor": 5})["rows"]
    assert [row["name"] for row in rows if row["differs"]] == ["factor"]
    more = {"rename_preset": {"name": "x"}, "overwrite_preset": {"model_id": config.id, "values": {}}}
    for name in ("rename_preset", "overwrite_preset", "delete_preset", "reuse_preset", "compare_preset"):
        with pytest.raises(gr.Error, match="This preset does not exist"):
            site.ask(name, "bob", preset_id=made["id"], **more.get(name, {}))
    site.ask("delete_preset", preset_id=made["id"])
    assert made["id"] not in [one["id"] for one in site.ask("list_presets")]
    assert site.ask("undelete_preset", preset_id=made["id"]) == made
