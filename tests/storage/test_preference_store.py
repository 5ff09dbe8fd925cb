from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from storage.preferences import PreferenceStore

words = st.text(st.characters(exclude_characters="\0", codec="utf-8"))
# One store for all examples: each has users of its own.
one_store = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def preferences(engine: Engine) -> PreferenceStore:
    return PreferenceStore(engine)


@one_store
@given(chosen=st.lists(st.tuples(st.sampled_from(["ann", "bob"]), st.sampled_from(["seed", "theme"]), words)))
def test_each_user_has_what_that_user_chose_last(
    preferences: PreferenceStore, chosen: list[tuple[str, str, str]]
) -> None:
    run = uuid4()
    last: dict[str, dict[str, str]] = {"ann": {}, "bob": {}}
    for name, preference, value in chosen:
        preferences.set(f"{name}-{run}", preference, value)
        last[name][preference] = value
    for name, expected in last.items():
        user = f"{name}-{run}"
        assert preferences.all(user) == expected
        assert [preferences.get(user, each) for each in ("seed", "theme")] == [
            expected.get("seed"),
            expected.get("theme"),
        ]


def test_a_preference_that_is_no_utf_8_hides_no_other(sqlite_engine: Engine) -> None:
    preferences = PreferenceStore(sqlite_engine)
    for name in ("seed", "theme"):
        preferences.set("ann", name, "new")
    with sqlite_engine.begin() as connection:
        connection.execute(text("UPDATE preference SET value = CAST(x'ff' AS TEXT) WHERE name = 'seed'"))
    assert preferences.all("ann") == {"theme": "new"}
