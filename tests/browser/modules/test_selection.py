"""Which job is selected: told once for each change, and walked through in the gallery's order."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page

from tests.browser.modules.module_page import module_page

DO = """([jobs, steps]) => {
  selection.select(null);
  calls.length = 0;
  selection.orderBy({
    card: (id) => jobs.includes(id) ? { id } : null,
    neighbour: (id, step) => jobs[id === null ? 0 : jobs.indexOf(id) + step] ?? null,
  });
  const done = steps.map((step) => {
    const walk = { next: selection.next, previous: selection.previous }[step];
    const went = walk ? walk() : selection.select(step);
    return [went ?? null, selection.selectedJob()];
  });
  return { done, told: [...calls] };
}"""
JOBS = ["a", "b", "c", "d"]


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    with module_page(chromium, "library/selection.js") as page:
        page.evaluate("() => selection.selected.listen((id) => calls.push(id))")
        yield page


@given(steps=st.lists(st.sampled_from(["next", "previous", *JOBS]), max_size=12))
def test_the_selection_walks_along_the_gallery_and_tells_of_each_change_once(page: Page, steps: list[str]) -> None:
    found = page.evaluate(DO, [JOBS, steps])
    now: int | None = None
    told = []
    for step, (went, selected) in zip(steps, found["done"], strict=True):
        before = now
        if step in JOBS:
            now = JOBS.index(step)
        elif now is None:
            now = 0
        elif 0 <= now + (1 if step == "next" else -1) < len(JOBS):
            now += 1 if step == "next" else -1
        assert selected == JOBS[now]
        assert went == (None if step in JOBS else now != before)
        told += [JOBS[now]] if now != before else []
    assert found["told"] == told


def test_a_job_is_followed_until_one_is_chosen_which_the_tab_keeps(page: Page) -> None:
    found = page.evaluate("""async () => {
      const { select, follow, selectedJob, isChosen } = selection;
      const now = () => [selectedJob(), isChosen(), sessionStorage.getItem("studio-selected-job")];
      const seen = [];
      const acts = [[select, null], [follow, "a"], [select, "a"], [follow, "b"], [select, null], [follow, "b"]];
      for (const [act, job] of acts) {
        act(job);
        seen.push(now());
      }
      select("c");
      const anew = await import("/library/selection.js?anew");
      return [...seen, [anew.selectedJob(), anew.isChosen(), "c"]];
    }""")
    assert found == [
        [None, False, None],
        ["a", False, None],
        ["a", True, "a"],
        ["a", True, "a"],
        [None, False, None],
        ["b", False, None],
        ["c", True, "c"],
    ]
