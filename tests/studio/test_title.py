"""What a job without a prompt is called."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_configs.schema import ModelConfig
from studio.inputs.title import LONGEST, title
from tests.shipped import SHIPPED
from tests.storage.job_samples import json_objects
from tests.strategies import values_for

KEYS = [f"{n:02}/{n:064}.png" for n in range(3)]
NAMES = dict(zip(KEYS, ("harbour.jpg", "b.png", "c.png"), strict=True))


@pytest.mark.parametrize(
    ("model", "changes", "called"),
    [
        ("image-edit", {"image": KEYS[0], "operation": "crop"}, "Crop 1:1 · harbour.jpg"),
        ("image-edit", {"image": KEYS[0], "operation": "crop", "crop_by": "box"}, "Crop an exact area · harbour.jpg"),
        ("image-edit", {"image": KEYS[0], "operation": "grain"}, "Film grain · harbour.jpg"),
        ("image-edit", {"image": "gone", "operation": "text", "text": "So\n long"}, "Text overlay bottom · “So long”"),
        ("collage", {"pictures": KEYS}, "Collage · harbour.jpg + 2"),
        ("upscale", {"image": KEYS[1]}, "Upscale · b.png"),
        ("pattern", {"prompt": " "}, "Misty hills as the words say"),
    ],
)
def test_a_job_is_called_by_what_it_did(model: str, changes: dict[str, Any], called: str) -> None:
    config = SHIPPED[model]
    values = {**config.defaults(), **changes}
    shown = {name: value for name, value in values.items() if name in config.visible(values)}
    assert title(config, shown, NAMES) == called


@given(config=st.sampled_from(list(SHIPPED.values())), data=st.data())
def test_every_job_of_every_model_has_a_name_in_one_line(config: ModelConfig, data: st.DataObject) -> None:
    values = data.draw(values_for(config, {"image": KEYS, "video": KEYS, "audio": KEYS}))
    called = title(config, values, NAMES)
    assert 0 < len(called) <= LONGEST
    assert called == " ".join(called.split())


@given(config=st.sampled_from(list(SHIPPED.values())), options=json_objects, data=st.data())
def test_options_of_another_time_are_no_error(
    config: ModelConfig, options: dict[str, Any], data: st.DataObject
) -> None:
    names = data.draw(st.lists(st.sampled_from(list(config.parameters)), max_size=5))
    odd = {name: data.draw(st.sampled_from([None, 3, "x", [], {}, ["x"], {"a": 1}, True])) for name in names}
    assert title(config, {**options, **odd}, NAMES)
