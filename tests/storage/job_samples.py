"""New jobs for the storage tests."""

from typing import Any

from hypothesis import strategies as st

from storage.jobs.store import NewJob


def new_job(user_id: str = "ann", **changes: Any) -> NewJob:
    plain: dict[str, Any] = {"workspace_id": None, "type": "image", "model_id": "pattern", "model_version": 1}
    return NewJob(user_id=user_id, **plain | {"options": {}, "config_snapshot": {}} | changes)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
json_objects = st.dictionaries(st.text(), json_values, max_size=8)
texts = st.none() | st.text()
new_jobs = st.builds(
    new_job,
    type=st.sampled_from(["image", "video", "audio"]),
    model_id=st.text(),
    model_version=st.integers(0, 1000),
    prompt=texts,
    options=json_objects,
    config_snapshot=json_objects,
    image_input_path=texts,
    video_input_path=texts,
    audio_input_path=texts,
    resolved=st.dictionaries(st.text(), st.text(), max_size=3),
    seed=st.none() | st.integers(0, 2**64 - 1),
    endpoint_id=texts,
)
