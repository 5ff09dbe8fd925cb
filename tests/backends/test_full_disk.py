"""What the machine refuses is told as such and never as a fault of what the user chose, whatever the model."""

import errno
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import av.error
import pytest

from backends.base import BackendError
from backends.local_models import pattern
from tests.backends.fake_context import FakeContext
from tests.backends.local_runs import BACKEND, LOCAL_MODELS, filled, request_for, run, sample_media

ROOT = Path(__file__).parents[2]
RUNS: dict[str, tuple[str, dict[str, Any]]] = {
    "pattern": ("pattern", {}),
    **{f"image-edit {name}": ("image-edit", {"format": name}) for name in ("png", "jpeg", "webp")},
    "upscale image": ("upscale", {}),
    "upscale video": ("upscale", {"media_type": "video"}),
    "ken-burns": ("ken-burns", {"add_audio": True}),
    **{f"audio-edit {name}": ("audio-edit", {"format": name}) for name in ("wav", "flac", "mp3")},
}
LIMITED = """
import json, resource, sys
from pathlib import Path
from tests.backends.local_runs import LOCAL_MODELS, filled, run
model_id, values, media, folder, limits = json.loads(sys.argv[1])
values = filled(LOCAL_MODELS[model_id], {kind: Path(path) for kind, path in media.items()}, values)
ends = []
for limit in limits:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    try:
        run(LOCAL_MODELS[model_id], values, Path(folder))
        ends.append([limit, "it passed", ""])
    except Exception as error:
        ends.append([limit, getattr(error, "errno", None), f"{type(error).__name__}: {error}"])
print(json.dumps(ends))
"""


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return sample_media(tmp_path_factory.mktemp("media"))


@pytest.mark.parametrize(("model_id", "values"), RUNS.values(), ids=RUNS)
def test_a_result_that_finds_no_room_says_so(
    model_id: str, values: dict[str, Any], media: dict[str, Path], tmp_path: Path
) -> None:
    config = LOCAL_MODELS[model_id]
    size = run(config, filled(config, media, values), tmp_path).stat().st_size
    limits = [0, size // 3, size // 2, size - 20, size - 1]
    asked = json.dumps([model_id, values, {kind: str(path) for kind, path in media.items()}, str(tmp_path), limits])
    command = [sys.executable, "-c", LIMITED, asked]
    ended = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    wrong = [end for end in json.loads(ended) if end[1] != errno.EFBIG]
    assert not wrong


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS, errno.EMFILE])
def test_an_error_of_the_machine_in_ffmpeg_passes(number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> Path:
        av.error.err_check(-number)
        raise AssertionError

    monkeypatch.setattr(pattern, "run", fail)
    with pytest.raises(OSError, match=r"^\[Errno") as told:
        BACKEND.run(request_for(LOCAL_MODELS["pattern"], {}, tmp_path), FakeContext())
    assert told.value.errno == number


def test_a_file_that_ffmpeg_cannot_read_is_told_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> Path:
        av.error.err_check(-1094995529)
        raise AssertionError

    monkeypatch.setattr(pattern, "run", fail)
    with pytest.raises(BackendError, match="Try another one"):
        BACKEND.run(request_for(LOCAL_MODELS["pattern"], {}, tmp_path), FakeContext())
