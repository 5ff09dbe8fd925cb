import logging
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlalchemy import text as sql

from storage.drafts import DraftStore
from storage.errors import DraftError
from storage.media.store import MediaStore
from tests import media_samples
from tests.storage.job_samples import json_objects

# One store for all examples: each has users of its own.
one_store = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def drafts(engine: Engine) -> DraftStore:
    return DraftStore(engine)


@pytest.fixture
def media(engine: Engine, tmp_path: Path) -> MediaStore:
    return MediaStore(engine, tmp_path / "media")


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    return media_samples.png(tmp_path / "a.png")


@one_store
@given(saved=st.lists(st.tuples(st.sampled_from(["pattern", "ken-burns"]), json_objects), max_size=4))
def test_the_last_draft_of_each_model_comes_back_as_it_was_saved(
    drafts: DraftStore, saved: list[tuple[str, dict[str, Any]]]
) -> None:
    user = str(uuid4())
    for model_id, values in saved:
        drafts.save(user, model_id, values, ())
    assert drafts.all(user) == dict(saved)


def test_values_come_back_in_their_order_and_their_types(drafts: DraftStore) -> None:
    values = {"zero": 0, "float": 0.0, "no": False, "empty": "", "none": None, "half a pair": "\ud800"}
    drafts.save("ann", "pattern", values, ())
    assert repr(drafts.all("ann")["pattern"]) == repr(values)


def test_another_user_s_draft_is_as_none(drafts: DraftStore) -> None:
    drafts.save("ann", "pattern", {"steps": 1}, ())
    drafts.delete("bob", "pattern")
    assert drafts.all("bob") == {}
    drafts.save("bob", "pattern", {"steps": 2}, ())
    assert drafts.all("ann") == {"pattern": {"steps": 1}}


def test_another_user_s_file_is_refused_as_if_it_were_not_there_and_the_draft_before_stays(
    drafts: DraftStore, media: MediaStore, photo: Path
) -> None:
    own = media.put("bob", media_samples.png(photo.with_name("b.png"), seed=1), "b.png").key
    theirs = media.put("ann", photo, "a.png").key
    drafts.save("bob", "pattern", {"image": own}, [own])
    said = []
    for key in (theirs, "none"):
        with pytest.raises(DraftError) as refused:
            drafts.save("bob", "pattern", {"image": key}, [own, key])
        said.append(str(refused.value).replace(key, "?"))
    assert said[0] == said[1]
    assert drafts.all("bob") == {"pattern": {"image": own}}
    assert media.delete(theirs)
    assert not media.delete(own)


@pytest.mark.parametrize("values", [{"x": float("nan")}, {"x": Path()}, {"x": float("inf")}])
def test_values_that_json_cannot_keep_are_refused(drafts: DraftStore, values: dict[str, Any]) -> None:
    with pytest.raises(DraftError, match="JSON"):
        drafts.save("ann", "pattern", values, ())
    assert drafts.all("ann") == {}


def test_a_draft_of_a_million_characters_is_kept_and_one_more_is_refused(drafts: DraftStore) -> None:
    longest = {"prompt": "x" * (1_000_000 - len('{"prompt": ""}'))}
    drafts.save("ann", "pattern", longest, ())
    with pytest.raises(DraftError, match=r"1\.0 MB of text; .* at most 1 MB"):
        drafts.save("ann", "pattern", {"prompt": longest["prompt"] + "x"}, ())
    assert drafts.all("ann") == {"pattern": longest}


@pytest.mark.parametrize("text", ["", "{", "[1]", "null", '"{}"', "[" * 100_000, "9" * 5000])
def test_a_damaged_draft_is_named_and_hides_no_other_and_can_be_replaced(
    drafts: DraftStore, engine: Engine, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    for model_id in ("pattern", "ken-burns"):
        drafts.save("ann", model_id, {"steps": 1}, ())
    with engine.begin() as connection:
        connection.execute(sql("UPDATE draft SET \"values\" = :text WHERE model_id = 'pattern'"), {"text": text})
    with caplog.at_level(logging.WARNING):
        assert drafts.all("ann") == {"ken-burns": {"steps": 1}}
    assert "ann" in caplog.text
    assert "pattern" in caplog.text
    drafts.save("ann", "pattern", {"steps": 2}, ())
    assert drafts.all("ann")["pattern"] == {"steps": 2}


def test_a_draft_that_is_no_utf_8_hides_no_other(sqlite_engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    drafts = DraftStore(sqlite_engine)
    for model_id in ("pattern", "ken-burns"):
        drafts.save("ann", model_id, {"steps": 1}, ())
    with sqlite_engine.begin() as connection:
        connection.execute(sql("UPDATE draft SET \"values\" = CAST(x'7bff7d' AS TEXT) WHERE model_id = 'pattern'"))
    assert drafts.all("ann") == {"ken-burns": {"steps": 1}}
    assert "draft of ann for 'pattern' cannot be read" in caplog.text


def test_two_drafts_may_need_one_file_and_one_may_name_it_twice(
    drafts: DraftStore, media: MediaStore, photo: Path
) -> None:
    key = media.put("ann", photo, "a.png").key
    drafts.save("ann", "pattern", {}, [key, key])
    drafts.save("ann", "ken-burns", {}, [key])
    drafts.delete("ann", "pattern")
    assert not media.delete(key)
    drafts.save("ann", "ken-burns", {}, [])
    assert media.delete(key)


def test_of_a_draft_that_needs_a_file_and_its_deletion_at_once_exactly_one_wins(
    drafts: DraftStore, media: MediaStore, photo: Path
) -> None:
    with ThreadPoolExecutor(2) as pool:
        for model_id in map(str, range(25)):
            key = media.put("ann", photo, "a.png").key
            saving = pool.submit(drafts.save, "ann", model_id, {}, [key])
            deleted = pool.submit(media.delete, key).result()
            assert isinstance(saving.exception(), DraftError) == deleted
            assert (media.find("ann", key) is None) == deleted
            drafts.delete("ann", model_id)
