"""Collage puts every picture where it is to be, or says which input is in the way."""

from pathlib import Path

import pytest
from PIL import Image

from backends.base import BackendError
from tests.backends.local_runs import LOCAL_MODELS, filled, run

COLLAGE = LOCAL_MODELS["collage"]
RED, BLUE = (255, 0, 0), (0, 0, 255)
HALVES = "[[0, 0, 50, 100], [50, 0, 50, 100]]"


def laid_out(folder: Path, boxes: str) -> Image.Image:
    """A red and a blue picture in these boxes."""
    paths = [folder / "red.png", folder / "blue.png"]
    for path, colour in zip(paths, (RED, BLUE), strict=True):
        Image.new("RGB", (8, 8), colour).save(path)
    values = {"layout": "boxes", "boxes": boxes, "pictures": [*map(str, paths)]}
    with Image.open(run(COLLAGE, filled(COLLAGE, {"image": paths[0]}, values) | {"pictures": paths}, folder)) as result:
        return result.convert("RGB")


@pytest.mark.parametrize("boxes", [HALVES, HALVES[:-1] + ", [0, 0, 100, 100]]"], ids=["as many", "one more"])
def test_each_picture_gets_its_box(boxes: str, tmp_path: Path) -> None:
    result = laid_out(tmp_path, boxes)
    assert (result.getpixel((32, 48)), result.getpixel((96, 48))) == (RED, BLUE)


def test_a_picture_without_a_box_is_not_left_out_in_silence(tmp_path: Path) -> None:
    with pytest.raises(BackendError, match="Boxes has 1 for 2 pictures") as refused:
        laid_out(tmp_path, "[[0, 0, 50, 100]]")
    assert refused.value.fields.keys() == {"boxes"}
