"""The part of the server's list that the gallery has: without a gap or a double, whatever comes, goes and is asked."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page

from tests.browser.modules.module_page import module_page

TRANSPORT = """
export const ask = (name, data) => Promise.resolve(window.server.page(data));
"""

SERVER = """() => {
  const time = (minute) => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString().replace("Z", "+00:00");
  const card = (minute) => ({ id: `job-${minute}`, created_at: time(minute), look: 0 });
  window.server = {
    jobs: [],
    fill(minutes) { this.jobs = [...new Set(minutes)].sort((a, b) => b - a).map(card); },
    page({ cursor = null, newer = false, at = null }) {
      const LIMIT = 3, all = this.jobs, key = cursor ?? (at && at);
      const rest = newer ? all.filter((one) => cursor === null || one.created_at > cursor)
        : all.filter((one) => key === null || one.created_at < key);
      const jobs = newer ? rest.slice(-LIMIT) : rest.slice(0, LIMIT), isPart = rest.length > jobs.length;
      const end = { next: jobs.at(-1)?.created_at ?? cursor, previous: jobs[0]?.created_at ?? key };
      if (newer) return { jobs, next: cursor === null ? null : end.next, previous: isPart ? end.previous : null };
      return { jobs, next: isPart ? end.next : null, previous: key === null ? null : end.previous };
    },
    look(near) {
      if (near.newest === null) {
        const jobs = this.jobs.slice(0, near.count);
        return [jobs, this.jobs.length > jobs.length ? jobs.at(-1).created_at : null];
      }
      const { newest, oldest } = near;
      const rest = this.jobs.filter(({ created_at: at }) => at <= newest && (oldest === null || at >= oldest));
      return [rest, null];
    },
  };
  window.time = time;
}"""

DO = """async ([minutes, steps]) => {
  server.fill(minutes);
  const list = job_list.jobList(() => ({}));
  list.begin(...server.look({ newest: null, count: 3 }));
  const wrong = []; // called gone, though the server has them
  const look = (near) => {
    const left = list.merge(near, ...server.look(near));
    wrong.push(...server.jobs.filter(({ id }) => left.has(id)).map(({ id }) => id));
  };
  for (const [step, at, to] of steps) {
    const known = list.cards, near = { number: list.number, count: at % 5 + 1, newest: null, oldest: null };
    if (step === "older" || step === "newer") await list.grow(step);
    else if (step === "jump") await list.jump([{}, { newer: true }, { at: time(at) }][to % 3]);
    else if (step === "come") server.fill([...server.jobs.map((one) => minuteOf(one)), at]);
    else if (step === "go") server.jobs = server.jobs.filter((one) => minuteOf(one) !== at);
    else if (step === "look at again" && list.isWhole("newer")) look(near);
    else if (step === "look at again" && known.length) {
      const [from, end] = [at % known.length, to % known.length].sort((a, b) => a - b);
      const toEnd = end === known.length - 1 && list.isWhole("older");
      const part = { ...near, newest: known[from].created_at, oldest: toEnd ? null : known[end].created_at };
      look(part);
    }
  }
  const whole = { number: list.number, count: 100, newest: null, oldest: null };
  const seen = list.cards.map((one) => one.id);
  while (!list.isWhole("older")) await list.grow("older");
  while (!list.isWhole("newer")) await list.grow("newer");
  look(whole);
  return { seen, wrong, all: list.cards.map((one) => one.id), server: server.jobs.map((one) => one.id) };
}"""

STEPS = st.tuples(
    st.sampled_from(["older", "newer", "jump", "come", "go", "look at again"]), st.integers(0, 20), st.integers(0, 20)
)


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    with module_page(chromium, "library/job_list.js", stand_ins={"form/transport.js": TRANSPORT}) as page:
        page.evaluate(SERVER)
        page.evaluate("() => { window.minuteOf = (one) => Number(one.id.slice(4)); }")
        yield page


def run(page: Page, minutes: list[int], steps: list[Any]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = page.evaluate(DO, [minutes, steps])
    return found


@given(minutes=st.lists(st.integers(0, 20), max_size=15), steps=st.lists(STEPS, max_size=12))
def test_the_list_is_in_order_without_doubles_and_becomes_whole(
    page: Page, minutes: list[int], steps: list[Any]
) -> None:
    found = run(page, minutes, steps)
    times = [int(id_.removeprefix("job-")) for id_ in found["seen"]]
    assert times == sorted(set(times), reverse=True)
    assert found["all"] == found["server"]
    assert found["wrong"] == []


@given(
    minutes=st.lists(st.integers(0, 20), max_size=15),
    steps=st.lists(STEPS.filter(lambda step: step[0] not in ("come", "go")), max_size=12),
)
def test_of_a_list_that_stays_a_part_without_a_gap_is_there(page: Page, minutes: list[int], steps: list[Any]) -> None:
    found = run(page, minutes, steps)
    whole, seen = found["server"], found["seen"]
    begin = whole.index(seen[0]) if seen else 0
    assert whole[begin : begin + len(seen)] == seen


def test_an_answer_for_a_list_that_has_gone_is_none_for_the_next(page: Page) -> None:
    shown = page.evaluate(
        """async () => {
          server.fill([1, 2, 3, 4, 5, 6, 7]);
          const list = job_list.jobList(() => ({}));
          list.begin(...server.look({ newest: null, count: 3 }));
  const wrong = []; // called gone, though the server has them
  const look = (near) => {
    const left = list.merge(near, ...server.look(near));
    wrong.push(...server.jobs.filter(({ id }) => left.has(id)).map(({ id }) => id));
  };
          const late = list.grow("older"), near = { number: list.number, count: 3, newest: null, oldest: null };
          list.begin([], null);
          const grew = await late;
          list.merge(near, ...server.look(near));
          return [grew, list.cards];
        }"""
    )
    assert shown == [False, []]


@given(
    jobs=st.lists(st.integers(1, 20), max_size=15, unique=True),
    moved=st.lists(st.integers(1, 20), max_size=3, unique=True),
    count=st.integers(1, 5),
    after=st.none() | st.integers(1, 20),
)
def test_of_another_order_a_part_is_as_the_server_has_it_or_all_else_is_asked_for_anew(
    page: Page, jobs: list[int], moved: list[int], count: int, after: int | None
) -> None:
    """Never is there a gap or a double; `moved` are jobs that are last of all by now, also new ones."""
    now = [one for one in jobs if one not in moved] + moved
    begin = now.index(after) + 1 if after in now else 0
    part, older = now[begin : begin + count], "next" if begin + count < len(now) else None
    shown, is_whole = page.evaluate(
        """([before, part, older, newer, count, after]) => {
          const card = (number, look) => ({ id: number, created_at: null, look });
          const list = job_list.jobList(() => ({ sort: "rating" }));
          list.begin(before.map((one) => card(one, "old")), null);
          const near = { number: list.number, count, newest: null, oldest: null, after };
          list.merge(near, part.map((one) => card(one, "new")), older, newer);
          return [list.cards.map((one) => [one.id, one.look]), list.isWhole("older")];
        }""",
        [jobs, part, older, "previous" if begin else None, count, after],
    )
    ids = [one for one, _ in shown]
    assert len(set(ids)) == len(ids)
    assert all((look == "new") == (one in part) for one, look in shown)
    if ids != jobs:
        assert ids == part
    elif part:
        at = ids.index(part[0])
        assert ids[at : at + count] == part
    assert is_whole or older is not None


def test_jobs_that_are_put_back_stand_where_they_were(page: Page) -> None:
    ids = page.evaluate(
        """() => {
          server.fill([1, 2, 3, 4, 5]);
          const list = job_list.jobList(() => ({})), all = server.look({ newest: null, count: 9 });
          list.begin(...all);
          const gone = [all[0][4], all[0][1], all[0][0]];
          list.remove(new Set(gone.map((one) => one.id)));
          const left = list.cards.length;
          list.add(gone);
          list.add(gone);
          return [left, list.cards.map((one) => one.id)];
        }"""
    )
    assert ids == [2, ["job-5", "job-4", "job-3", "job-2", "job-1"]]
