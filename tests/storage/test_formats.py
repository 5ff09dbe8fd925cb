"""The table of formats, and what a stored file's name says of it."""

import pytest

from media_kinds import DEMUXERS
from storage.media.formats import OF_EXTENSION, OF_FFMPEG, OF_PILLOW, Format, kind_of

EVERY = {one.extension: one for one in (*OF_PILLOW.values(), *OF_FFMPEG.values())}


@pytest.mark.parametrize("one", EVERY.values(), ids=EVERY)
def test_the_extension_of_a_stored_file_says_what_it_is(one: Format) -> None:
    assert OF_EXTENSION[one.extension] == one
    assert kind_of(f"ab/{'0' * 64}.{one.extension}") == one.kind
    assert one.mime.startswith(f"{one.kind}/")


def test_ffmpeg_opens_the_formats_of_the_table_and_no_others() -> None:
    as_ffmpeg_says = {"quicktime": "mov", "webm": "matroska"}
    assert {as_ffmpeg_says.get(family, family) for family, _ in OF_FFMPEG} == set(DEMUXERS.split(","))
