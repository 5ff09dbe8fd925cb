"""What the page opens with and what comes later are together the page, and the server is the same for both."""

from typing import Any

import pytest
from anyio.from_thread import BlockingPortal
from gradio import EventData

from tests.components.page_site import Site

Config = dict[str, Any]


@pytest.fixture(scope="module")
def config(site: Site) -> Config:
    """As clients of the API get it; only its page is without what comes later."""
    whole: Config = site.blocks.get_config_file()
    return whole


@pytest.fixture(scope="module")
def parts(site: Site, portal: BlockingPortal, config: Config) -> dict[str, Config]:
    """What comes for every model but the first."""
    _, *later = [model.id for model in site.context.models()]
    return {model_id: brought(site, portal, {"name": model_id}) for model_id in later}


def brought(site: Site, portal: BlockingPortal, told: object) -> Any:
    (bring,) = (fn for fn in site.blocks.fns.values() if any(name == "bring" for _, name in fn.targets))

    async def ask() -> Any:
        return await site.blocks.process_api(block_fn=bring, inputs=[], event_data=EventData(None, told))

    return portal.call(ask)["render_config"]


def ids(several: list[Config]) -> set[int]:
    return {one["id"] for one in several}


def inside(part: Config) -> set[int]:
    """The components that come; the column around them is in the page already."""
    return ids(part["components"]) - {part["layout"]["id"]}


def test_every_component_and_event_of_the_page_comes_exactly_once(config: Config, parts: dict[str, Config]) -> None:
    """What is there for programs alone does not."""
    page = config["page"][""]
    events = [*page["dependencies"], *(id_ for part in parts.values() for id_ in ids(part["dependencies"]))]
    components = [*page["components"], *(id_ for part in parts.values() for id_ in inside(part))]
    assert sorted(events) == sorted(event["id"] for event in config["dependencies"] if event["targets"])
    assert sorted(components) == sorted(one["id"] for one in config["components"] if one["type"] != "api")


def test_no_event_names_a_component_that_is_not_there(site: Site, config: Config, parts: dict[str, Config]) -> None:
    page = config["page"][""]
    events = [event for event in config["dependencies"] if event["id"] in page["dependencies"]]
    at_first = {*page["components"], site.blocks._id}
    for there, several in [
        (at_first, events),
        *((at_first | inside(part), part["dependencies"]) for part in parts.values()),
    ]:
        for event in several:
            named = {*event["inputs"], *event["outputs"], *(target for target, _ in event["targets"])}
            assert named - {None} <= there  # an event that follows another has no target


def test_the_page_opens_with_the_fields_of_the_first_model_alone(site: Site, config: Config) -> None:
    first, *later = [model.id for model in site.context.models()]
    there = [one["props"].get("elem_id") or "" for one in config["components"] if one["id"] in _of_page(config)]
    assert f"field-{first}-prompt" in there
    assert all(name.startswith(f"field-{first}-") for name in there if name.startswith("field-"))
    assert {f"group-{model_id}" for model_id in later} <= set(there)


def _of_page(config: Config) -> list[int]:
    listed: list[int] = config["page"][""]["components"]
    return listed


def test_clients_of_the_api_get_the_whole(site: Site, config: Config) -> None:
    models = {model.id for model in site.context.models()}
    assert ids(config["dependencies"]) == set(site.blocks.fns)
    assert models <= {event["api_name"] for event in config["dependencies"]}
    assert {f"/{model_id}" for model_id in models} <= set(site.blocks.get_api_info()["named_endpoints"])


def test_the_document_describes_no_endpoint(site: Site) -> None:
    """Gradio's page asks none of them."""
    assert site.blocks.get_api_info(page="")["named_endpoints"] == {}


def test_what_comes_can_be_edited(parts: dict[str, Config]) -> None:
    for model_id, part in parts.items():
        props = [one["props"] for one in part["components"]]
        fields = [one for one in props if (one.get("elem_id") or "").startswith(f"field-{model_id}-")]
        assert fields
        assert all(one["interactive"] for one in fields)


@pytest.mark.parametrize("told", [None, "pattern", [], {}, {"name": None}, {"name": []}, {"name": "nobody's"}])
def test_junk_brings_nothing(site: Site, portal: BlockingPortal, told: object) -> None:
    assert brought(site, portal, told) is None
