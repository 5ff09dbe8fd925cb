"""The table of a reuse says what each input is now and would be then, those that differ first."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_configs.conditions import ancestors
from studio.inputs.diff import Difference, compare
from studio.inputs.partial import select
from studio.inputs.restore import plan
from tests.stored_jobs import ANY_JOB, Stored, job, json_values, model, same
from tests.strategies import values_for

# --- laws ------------------------------------------------------------------------------------------------------------


@given(case=ANY_JOB)
def test_a_job_does_not_differ_from_its_own_reuse(case: Stored) -> None:
    whole = case.restored()
    rows = compare(case.config, whole.values, whole)
    assert not any(row.differs for row in rows)
    assert [row.name for row in rows] == [name for name in case.config.parameters if name in case.shown]


@given(case=ANY_JOB, data=st.data())
def test_every_input_that_shows_has_one_row(case: Stored, data: st.DataObject) -> None:
    config, now, whole = case.config, data.draw(values_for(case.config)), case.restored()
    rows, shown = compare(config, now, whole), config.visible(now)
    assert sorted(row.name for row in rows) == sorted(shown | case.shown)
    assert [row.differs for row in rows] == sorted((row.differs for row in rows), reverse=True)
    for differs in (True, False):
        names = [row.name for row in rows if row.differs is differs]
        assert names == [name for name in config.parameters if name in names]
    for row in rows:
        assert (row.shows_now, row.shows_then) == (row.name in shown, row.name in case.shown)
        assert same(row.now, now[row.name] if row.name in shown else None)
        assert same(row.then, whole.values[row.name] if row.name in case.shown else None)
        assert set(row.parents) == ancestors(config.conditions, row.name)
        assert list(row.parents) == [name for name in config.order if name in row.parents]


@given(case=ANY_JOB, data=st.data())
def test_choosing_what_differs_is_the_whole_reuse(case: Stored, data: st.DataObject) -> None:
    config, now, whole = case.config, data.draw(values_for(case.config)), case.restored()
    different = [row.name for row in compare(config, now, whole) if row.differs]
    part = select(whole, config, now, different)
    after = now | part.values
    assert part.visible == whole.visible
    assert all(after[name] == whole.values[name] for name in case.shown)
    assert not any(row.differs for row in compare(config, after, whole))


@given(case=ANY_JOB, data=st.data())
def test_no_form_is_too_strange(case: Stored, data: st.DataObject) -> None:
    now = data.draw(st.dictionaries(st.sampled_from([*case.config.parameters, "zzz"]), json_values, max_size=8))
    rows = compare(case.config, now, case.restored())
    assert {row.name for row in rows} >= case.shown


@given(words=st.text("{|}_\\ a1", max_size=20))
def test_a_job_does_not_differ_from_its_own_reuse_as_resolved(words: str) -> None:
    config = model(words={"kind": "text", "wildcards": True}, seed={"kind": "seed"})
    event = job(words="{a|b}", seed=1).model_copy(update={"resolved": {"words": words}})
    reused = plan(event, config, {}, text="resolved")
    assert not any(row.differs for row in compare(config, reused.values, reused))


# --- examples --------------------------------------------------------------------------------------------------------

FORM = model(
    steps={"kind": "number", "default": 4},
    bright={"kind": "boolean"},
    amount={"kind": "number", "depends_on": {"bright": True}},
    seed={"kind": "seed"},
)


def test_a_row_says_what_is_now_and_what_the_job_had() -> None:
    whole = plan(job(steps=4, bright=True, amount=2, seed=7), FORM, {})
    rows = compare(FORM, {"seed": 7}, whole)
    assert rows[:2] == (
        Difference(
            name="bright",
            label="Bright",
            kind="boolean",
            now=False,
            then=True,
            shows_now=True,
            shows_then=True,
            differs=True,
            parents=(),
        ),
        Difference(
            name="amount",
            label="Amount",
            kind="number",
            now=None,
            then=2.0,
            shows_now=False,
            shows_then=True,
            differs=True,
            parents=("bright",),
        ),
    )
    assert [(row.name, row.differs) for row in rows[2:]] == [("steps", False), ("seed", False)]


def test_an_input_that_shows_in_one_of_them_differs_even_where_it_is_empty() -> None:
    whole = plan(job(bright=True, amount=None), FORM, {})
    (amount,) = (row for row in compare(FORM, {"amount": 3}, whole) if row.name == "amount")
    assert (amount.now, amount.then, amount.differs) == (None, None, True)


@pytest.mark.parametrize(
    ("kind", "now", "then", "differs"),
    [
        ("number", 4, 4.0, False),
        ("number", True, 1.0, True),
        ("boolean", 1, True, True),
        ("loras", [{"path": "a", "weight": 1}], [{"path": "a", "weight": 1.0}], False),
        ("loras", [{"path": "a", "weight": True}], [{"path": "a", "weight": 1.0}], True),
        ("loras", [{"path": "a"}], [{"path": "a", "weight": 1.0}], True),
        ("loras", [], [{"path": "a", "weight": 1.0}], True),
    ],
)
def test_values_are_compared_as_json(kind: str, now: Any, then: Any, differs: bool) -> None:
    form = model(a={"kind": kind})
    (row,) = compare(form, {"a": now}, plan(job(a=then), form, {}))
    assert row.differs is differs
