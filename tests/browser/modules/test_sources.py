"""The jobs that forms were filled from, as the page keeps them."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page

from tests.browser.modules.module_page import module_page

FIELDS = ["prompt", "image", "mask"]
RUN = """(steps) => steps.map(([plan, leaves]) => {
  if (plan) sources.recordSources({ model_id: "m", ...plan });
  const held = sources.sourcesOf("m");
  if (leaves) sources.forgetSources("m", held);
  return [held, sources.sourcesOf("m")];
})"""


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    layout = f"export const fieldsOf = () => {FIELDS};"
    with module_page(chromium, "form/sources.js", stand_ins={"form/layout.js": layout}) as page:
        page.evaluate("() => sources.recordSources({ model_id: 'm', values: {} })")
        yield page


sources = st.builds(
    lambda job_id, parameter: {"job_id": job_id, "kind": "input" if parameter else "reuse", "parameter": parameter},
    st.sampled_from("abc"),
    st.sampled_from(["", "image", "mask"]),
)
plans = st.fixed_dictionaries(
    {
        "values": st.sets(st.sampled_from(FIELDS)).map(lambda names: dict.fromkeys(names, "x")),
        "sources": st.lists(sources, max_size=3, unique_by=lambda one: one["parameter"] or one["job_id"]),
    }
)


def place_of(source: dict[str, str]) -> tuple[str, str]:
    """An input has one source; of a reuse each job stands once."""
    return (source["kind"], source["parameter"] or source["job_id"])


@given(steps=st.lists(st.tuples(plans, st.booleans()), min_size=1, max_size=6))
def test_a_whole_plan_replaces_them_a_part_joins_them_and_a_job_forgets_them(page: Page, steps: list[Any]) -> None:
    page.evaluate(
        "() => sources.recordSources({ model_id: 'm', values: { prompt: 1, image: 1, mask: 1 }, sources: [] })"
    )
    held: list[dict[str, str]] = []
    for (plan, leaves), (now, after) in zip(steps, page.evaluate(RUN, steps), strict=True):
        added = plan["sources"]
        if plan["values"].keys() == set(FIELDS):
            held = added
        else:
            places = {place_of(one) for one in added}
            held = [*(one for one in held if place_of(one) not in places), *added]
        assert now == held
        held = [] if leaves else held
        assert after == held


def test_what_came_since_it_was_submitted_is_not_forgotten(page: Page) -> None:
    whole = "{ model_id: 'm', values: { prompt: 1, image: 1, mask: 1 }, sources: [{ job_id: '%s' }] }"
    page.evaluate(f"() => {{ sources.recordSources({whole % 'a'}); window.submitted = sources.sourcesOf('m'); }}")
    page.evaluate(f"() => {{ sources.recordSources({whole % 'b'}); sources.forgetSources('m', window.submitted); }}")
    assert page.evaluate("sources.sourcesOf('m')") == [{"job_id": "b"}]
