"""Functions in files: called by their signature, edited while the studio runs, and failing in their own words."""

import io
import os
import sys
import wave
from pathlib import Path
from tempfile import mkdtemp
from textwrap import dedent
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from PIL import Image

from backends.base import BackendError, Cancelled, Outputs, Request
from backends.describing import DescribeError
from backends.function import FunctionBackend, FunctionSpec
from backends.function.describe import describe
from storage.media.probe import MediaLimits, probe
from tests import media_samples
from tests.backends.contract import BackendContract, Harness
from tests.backends.fake_context import FakeContext

BACKEND = FunctionBackend({})

PAINTER = """
    from PIL import Image

    def generate(prompt: str, steps: int = 3, photo: Image.Image | None = None, *, seed: int, run) -> Image.Image:
        for step in range(steps):
            run.progress(step, steps)
            run.preview(Image.new("RGB", (8, 8), (step, 0, 0)))
        if prompt == "fail":
            raise RuntimeError("There is no paint left")
        return Image.new("RGB", photo.size if photo else (32, 24), (seed, 80, 160))
"""
YIELDS = """
    from collections.abc import Iterator
    from PIL import Image

    def generate(prompt: str, seed: int) -> Iterator[Image.Image]:
        for step in range(4):
            yield Image.new("RGB", (32, 24), (seed, step, 0))
"""
FRAMES = """
    import numpy as np
    from typing import Annotated, Iterator

    def generate(prompt: str, seed: int, fps: int = 12) -> Annotated[Iterator[np.ndarray], "video"]:
        for step in range(6):
            yield np.full((25, 33, 3), step / 6)
"""
SOUND = """
    import numpy as np

    def generate(prompt: str, seed: int) -> tuple[int, np.ndarray]:
        return 8000, np.sin(np.arange(800) / 9)[:, None].repeat(2, axis=1)
"""
SEVERAL = """
    from pathlib import Path
    import numpy as np
    from PIL import Image

    def generate(prompt: str, seed: int, run) -> tuple[Image.Image, Path, dict]:
        path = run.folder / "kept.png"
        Image.new("RGB", (10, 10)).save(path)
        return Image.new("RGB", (20, 20)), path, {"score": np.float32(0.5), "caption": prompt}
"""


SEEDED = """
    import numpy as np
    from PIL import Image

    def generate(prompt: str, seed: int) -> dict[int, Image.Image]:
        first, second, third = (Image.new("L", (side, 4)) for side in (4, 5, 6))
        return {np.int64(seed): first, seed + 1: [second, 0.5], "last": third, 3: 4}
"""


def written(path: Path, code: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(dedent(code), encoding="utf-8")
    return path


def spec(path: Path, name: str = "generate") -> FunctionSpec:
    return FunctionSpec(kind="function", function=f"{path}:{name}")


class FileContract(BackendContract):
    """The suite for one function in a file."""

    code: str
    values: dict[str, Any] = {"prompt": "a fox", "seed": 7}  # noqa: RUF012
    failing: dict[str, Any] | None = None

    @pytest.fixture
    def harness(self, tmp_path_factory: pytest.TempPathFactory) -> Harness:
        folder = tmp_path_factory.mktemp("models")
        missing = spec(folder / "gone.py")
        file = spec(written(folder / "my_model.py", self.code))
        return Harness(BACKEND, file, self.values, failing=self.failing, unready=((BACKEND, missing),))


class TestPainter(FileContract):
    code = PAINTER
    failing = {"prompt": "fail"}  # noqa: RUF012

    @pytest.fixture
    def harness(self, tmp_path_factory: pytest.TempPathFactory) -> Harness:
        folder = tmp_path_factory.mktemp("inputs")
        self.values = {"prompt": "a fox", "steps": 2, "photo": media_samples.png(folder / "photo.png"), "seed": 7}
        return super().harness.__wrapped__(self, tmp_path_factory)  # type: ignore[attr-defined,no-any-return]


class TestYields(FileContract):
    code = YIELDS


class TestFrames(FileContract):
    code = FRAMES


class TestSound(FileContract):
    code = SOUND


class TestSeveral(FileContract):
    code = SEVERAL


def run(path: Path, context: FakeContext | None = None, **values: Any) -> Outputs:
    """A run in a folder of its own beside the file."""
    folder = path.parent / f"run-{sum(1 for _ in path.parent.glob('run-*'))}"
    folder.mkdir()
    return BACKEND.run(Request("job", "mine", spec(path), values, folder), context or FakeContext())


def made(path: Path, **values: Any) -> Image.Image:
    return opened(run(path, **values).files[0])


def opened(path: Path) -> Image.Image:
    with Image.open(path) as picture:
        picture.load()
    return picture


def test_the_last_that_is_yielded_is_the_result_and_the_others_are_shown(tmp_path: Path) -> None:
    context = FakeContext()
    (result,) = run(written(tmp_path / "m.py", YIELDS), context, prompt="", seed=9).files
    assert opened(result).getpixel((0, 0)) == (9, 3, 0)
    assert [shown.getpixel((0, 0)) for shown in context.previews if isinstance(shown, Image.Image)] == [
        (9, step, 0) for step in range(4)
    ]


def test_a_chosen_file_comes_as_its_path_and_never_from_outside_the_folder(tmp_path: Path) -> None:
    file = written(
        tmp_path / "m.py",
        """
        from pathlib import Path
        from typing import Annotated
        from PIL import Image

        def generate(checkpoint: Annotated[Path, {"choices_from": {"folder": "base"}}] = Path("a.pt")) -> Image.Image:
            return Image.new("RGB", (int(checkpoint.read_text()), 8))
        """,
    )
    root = tmp_path / "weights"
    (root / "base" / "sdxl").mkdir(parents=True)
    (root / "base" / "sdxl" / "b.pt").write_text("48")
    (tmp_path / "outside.pt").write_text("48")
    (root / "base" / "link.pt").symlink_to(tmp_path / "outside.pt")
    backend = FunctionBackend({"STUDIO_WEIGHTS_DIR": str(root)})

    def chosen(choice: str, backend: FunctionBackend = backend) -> Outputs:
        folder = Path(mkdtemp(dir=tmp_path))
        return backend.run(Request("job", "mine", spec(file), {"checkpoint": choice}, folder), FakeContext())

    assert opened(chosen("sdxl/b.pt").files[0]).width == 48
    for outside in ("gone.pt", "sdxl", "link.pt", "../../outside.pt", str(tmp_path / "outside.pt"), "\0", ""):
        with pytest.raises(BackendError, match=r"There is no file .* in the folder base") as refused:
            chosen(outside)
        assert refused.value.fields.keys() == {"checkpoint"}
    with pytest.raises(BackendError, match="STUDIO_WEIGHTS_DIR"):
        chosen("sdxl/b.pt", BACKEND)


def test_frames_become_a_film_of_the_rate_that_is_an_input(tmp_path: Path) -> None:
    (result,) = run(written(tmp_path / "m.py", FRAMES), prompt="", seed=9, fps=12).files
    film = probe(result, MediaLimits())
    assert (film.kind, film.width, film.height, film.duration) == ("video", 32, 24, pytest.approx(0.5))


def test_an_array_with_its_rate_is_a_sound(tmp_path: Path) -> None:
    (result,) = run(written(tmp_path / "m.py", SOUND), prompt="", seed=9).files
    with wave.open(str(result)) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getnframes()) == (8000, 2, 800)
        samples = np.frombuffer(sound.readframes(800), "<i2").reshape(-1, 2)
    assert samples[:, 0] == pytest.approx(np.sin(np.arange(800) / 9) * 32767, abs=1)


def test_several_results_come_in_their_order_and_texts_by_name(tmp_path: Path) -> None:
    outputs = run(written(tmp_path / "m.py", SEVERAL), prompt="a fox", seed=1)
    assert [opened(path).width for path in outputs.files] == [20, 10]
    assert outputs.texts == {"score": 0.5, "caption": "a fox"}


def test_a_number_by_which_a_mapping_has_a_picture_is_its_seed(tmp_path: Path) -> None:
    outputs = run(written(tmp_path / "m.py", SEEDED), prompt="", seed=7)
    assert [outputs.seeds.get(path) for path in outputs.files] == [7, 8, None]


@pytest.mark.parametrize(
    ("array", "pixel"),
    [
        ("np.full((4, 5, 3), 200, np.uint8)", (200, 200, 200)),
        ("np.full((4, 5, 3), 0.5)", (128, 128, 128)),
        ("np.full((4, 5, 3), np.nan, np.float32)", (0, 0, 0)),
        ("np.full((4, 5), 1.5)", 255),
        ("np.ones((4, 5, 1), bool)", 255),
        ("np.zeros((4, 5, 4))", (0, 0, 0, 0)),
    ],
)
def test_an_array_is_a_picture(array: str, pixel: object, tmp_path: Path) -> None:
    code = f"import numpy as np\ndef generate(prompt: str) -> np.ndarray:\n    return {array}"
    picture = made(written(tmp_path / "m.py", code), prompt="")
    assert (picture.size, picture.getpixel((0, 0))) == ((5, 4), pixel)


def test_a_file_from_elsewhere_is_copied_and_stays(tmp_path: Path) -> None:
    kept = media_samples.png(tmp_path / "kept.png")
    code = "from typing import Annotated\nfrom pathlib import Path\n"
    code += f'def generate(prompt: str) -> Annotated[Path, "image"]:\n    return Path({str(kept)!r})'
    (result,) = run(written(tmp_path / "m.py", code), prompt="").files
    assert result != kept
    assert result.read_bytes() == kept.read_bytes()


INPUTS = """
    from enum import Enum
    import numpy as np
    from PIL import Image

    class Tone(Enum):
        WARM = "w"

    def generate(
        image: Image.Image, pixels: np.ndarray, voice: tuple[int, np.ndarray], words: str | None = None,
        tone: Tone = Tone.WARM, tones: list[Tone] = [], other: Image.Image | None = None, hidden: int = 5,
    ) -> Image.Image:
        assert isinstance(image, Image.Image) and other is None and words is None, (image, other, words)
        assert pixels.shape == (64, 48, 3) and pixels.dtype == np.uint8, pixels.shape
        assert voice[0] == 48000 and voice[1].ndim == 2 and abs(voice[1]).max() <= 1, voice
        assert tone is Tone.WARM and tones == [Tone.WARM] and hidden == 5, (tone, tones, hidden)
        return image
"""


def test_values_come_as_the_types_ask(tmp_path: Path) -> None:
    photo = media_samples.jpeg_exif(tmp_path / "photo.jpg")
    sound = media_samples.audio(tmp_path / "sound.wav")
    values = {"image": photo, "pixels": photo, "voice": sound, "words": "", "tone": "w", "tones": ["w"], "other": None}
    picture = made(written(tmp_path / "m.py", INPUTS), **values)
    assert picture.size == (48, 64)  # upright, as the form shows it


NEWER = """
    from typing import Annotated, Any
    import numpy as np
    from PIL import Image
    from backends.function import Colour, Json, Size, frame_count, mask

    def generate(
        photo: Image.Image, hole: Annotated[Image.Image, mask(of="photo")], others: list[Image.Image],
        pixels: list[np.ndarray], size: Size, options: dict, more: Json = None, ground: Colour = "#ffffff",
        length: Annotated[int, frame_count("4n+1")] = 5,
    ) -> Image.Image:
        assert (hole.mode, hole.size) == ("L", photo.size), hole
        assert [one.size for one in others] == [(48, 64), (64, 48)], others
        assert [one.shape for one in pixels] == [(64, 48, 3)], pixels
        assert options == {"a": [1.5]} and more is None and (ground, length) == ("#ff8800", 81), (options, more, ground)
        return photo.resize((size.width, size.height))
"""


def test_pictures_masks_sizes_and_json_come_as_the_types_ask(tmp_path: Path) -> None:
    turned, photo = media_samples.jpeg_exif(tmp_path / "turned.jpg"), media_samples.png(tmp_path / "photo.png")
    values = {"photo": photo, "hole": photo, "others": [turned, photo], "pixels": [turned]}
    values |= {"size": {"width": 30, "height": 20}, "options": {"a": [1.5]}, "ground": "#ff8800", "length": 81}
    assert made(written(tmp_path / "m.py", NEWER), **values).size == (30, 20)


# --- failures --------------------------------------------------------------------------------------------------------


def failure(path: Path, **values: Any) -> BackendError:
    with pytest.raises(BackendError) as failed:
        run(path, **values)
    assert str(failed.value).endswith((".", "!", "?"))
    return failed.value


@pytest.mark.parametrize(
    ("raised", "sentence"),
    [
        ("ValueError('There is no paint left')", "There is no paint left."),
        ("ValueError('Really?')", "Really?"),
        ("ValueError()", "ValueError."),
        ("KeyError('colour of fox')", "KeyError: 'colour of fox'."),
        ("RuntimeError('CUDA error: out of memory\\nCompile with …')", "CUDA error: out of memory."),
        ("SystemExit(3)", "SystemExit: 3."),
        ("ValueError('so ' * 5000)", "so " * 100 + "…."),
    ],
)
def test_an_exception_is_the_jobs_error_with_the_users_own_traceback(
    raised: str, sentence: str, tmp_path: Path
) -> None:
    code = 'def generate(prompt: str) -> __import__("PIL.Image").Image.Image:\n    fail()\n'
    code += f"def fail():\n    raise {raised}"
    failed = failure(written(tmp_path / "m.py", code), prompt="")
    assert str(failed) == sentence
    first, *lines = failed.detail.splitlines()
    assert first == "Traceback (most recent call last):"
    assert lines[0].strip() == f'File "{tmp_path / "m.py"}", line 2, in generate'
    assert "backends" not in failed.detail


def test_an_exception_between_two_yields_is_told_as_well(tmp_path: Path) -> None:
    code = YIELDS + "        raise ValueError('The brush broke')"
    assert str(failure(written(tmp_path / "m.py", code), prompt="", seed=1)) == "The brush broke."


@pytest.mark.parametrize(
    ("returned", "said"),
    [
        ("None", "nothing"),
        ("'/etc/passwd'", "a file is a pathlib.Path"),
        ("Path('/no/such/file.png')", "there is no file /no/such/file.png"),
        ("np.zeros((2, 3, 4, 5, 6))", "shape"),
        ("np.zeros((0, 4, 3))", "shape (0, 4, 3)"),
        ("(8000, np.zeros((2, 8000)))", "shape (2, 8000)"),
        ("object()", "object"),
        ("iter(())", "nothing"),
    ],
)
def test_what_is_no_result_is_said(returned: str, said: str, tmp_path: Path) -> None:
    code = "import numpy as np\nfrom pathlib import Path\nfrom PIL import Image\n"
    code += "def generate(prompt: str) -> Image.Image:\n"
    assert said in str(failure(written(tmp_path / "m.py", f"{code}    return {returned}"), prompt=""))


def test_a_text_is_never_taken_for_a_file(tmp_path: Path) -> None:
    secret = media_samples.png(tmp_path / "another-users.png")
    code = PAINTER.replace("return Image.new", "return prompt, Image.new")
    outputs = run(written(tmp_path / "m.py", code), prompt=str(secret), seed=1)
    assert outputs.texts == {"text 1": str(secret)}
    assert len(outputs.files) == 1


@pytest.mark.parametrize("content", [b"", b"no picture", b"\x89PNG\r\n\x1a\n" + b"\0" * 50])
def test_an_input_of_the_wrong_kind_is_said_at_its_field(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "photo.png").write_bytes(content)
    failed = failure(written(tmp_path / "m.py", PAINTER), prompt="", seed=1, photo=tmp_path / "photo.png")
    assert failed.fields.keys() == {"photo"}


def test_a_sound_without_sound_is_said_at_its_field(tmp_path: Path) -> None:
    silent = media_samples.video(tmp_path / "film.mp4")
    photo = media_samples.png(tmp_path / "photo.png")
    path = written(tmp_path / "m.py", INPUTS)
    assert failure(path, image=photo, pixels=photo, voice=silent).fields.keys() == {"voice"}


def test_a_file_that_went_or_cannot_be_imported_is_said(tmp_path: Path) -> None:
    broken = written(tmp_path / "m.py", "import no_such_package\ndef generate(prompt: str): ...")
    failed = failure(broken, prompt="")
    assert str(failed) == "m.py cannot be imported: No module named 'no_such_package'."
    assert "line 1" in failed.detail
    assert "generate" in str(failure(written(tmp_path / "n.py", "x = 1"), prompt=""))
    assert "no such file" in str(failure(tmp_path / "gone.py", prompt="")).lower()


def test_a_cancel_passes_through_the_function(tmp_path: Path) -> None:
    with pytest.raises(Cancelled):
        run(written(tmp_path / "m.py", PAINTER), FakeContext(calls=2), prompt="", seed=1)


def test_progress_counts_steps(tmp_path: Path) -> None:
    context = FakeContext()
    run(written(tmp_path / "m.py", PAINTER), context, prompt="", seed=1, steps=2)
    assert context.steps == [(None, None), (0, 2), (1, 2), (None, None)]
    assert context.versions["file"]


# --- edits -----------------------------------------------------------------------------------------------------------

WARM = """
    from functools import cache
    from PIL import Image
    import helper

    @cache
    def _weights():
        with open(__file__ + ".loads", "a") as log:
            log.write("x")
        return {red}

    def generate(prompt: str) -> Image.Image:
        return Image.new("RGB", (8, 8), (_weights(), helper.GREEN, 0))
"""


def test_the_next_job_runs_what_the_file_holds_by_then_and_weights_stay_warm_until_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    second = written(tmp_path / "helper.py", "GREEN = 1").stat().st_mtime
    path = written(tmp_path / "m.py", WARM.format(red=10))
    loads = Path(f"{path}.loads")
    for _ in range(2):
        assert made(path, prompt="").getpixel((0, 0)) == (10, 1, 0)
    assert loads.read_text() == "x"
    written(path, WARM.format(red=20))
    assert made(path, prompt="").getpixel((0, 0)) == (20, 1, 0)
    os.utime(written(tmp_path / "helper.py", "GREEN = 2"), (second, second))
    assert made(path, prompt="").getpixel((0, 0)) == (20, 2, 0)
    assert loads.read_text() == "xxx"


def test_an_edit_that_does_not_work_fails_its_job_and_the_next_edit_runs(tmp_path: Path) -> None:
    path = written(tmp_path / "m.py", PAINTER)
    assert made(path, prompt="", seed=1)
    written(path, "def generate(:")
    assert "m.py cannot be imported" in str(failure(path, prompt="", seed=1))
    written(path, PAINTER.replace("80, 160", "0, 0"))
    assert made(path, prompt="", seed=1).getpixel((0, 0)) == (1, 0, 0)


def test_an_edit_that_asks_for_more_than_the_form_has_says_so(tmp_path: Path) -> None:
    path = written(tmp_path / "m.py", PAINTER.replace("prompt: str", "prompt: str, mood: str"))
    assert "mood" in str(failure(path, prompt="", seed=1))
    written(path, PAINTER.replace("prompt: str", "prompt: str, mood: str = 'glad'"))
    assert made(path, prompt="", seed=1, gone="an input that the code has no more")


def test_two_files_of_one_name_do_not_meet(tmp_path: Path) -> None:
    first, second = written(tmp_path / "a" / "m.py", PAINTER), written(tmp_path / "b" / "m.py", YIELDS)
    assert made(first, prompt="", seed=1).getpixel((0, 0)) == (1, 80, 160)
    assert made(second, prompt="", seed=1).getpixel((0, 0)) == (1, 3, 0)


def test_only_what_users_files_import_is_imported_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file may lie in the studio's own folder, beside the module that runs."""
    main = ModuleType("main_of_a_studio")
    main.__file__ = str(tmp_path / "main_of_a_studio.py")
    monkeypatch.setitem(sys.modules, "main_of_a_studio", main)
    written(tmp_path / "helper_of_two.py", "GREEN = 1")
    code = WARM.replace("helper", "helper_of_two")
    first, second = written(tmp_path / "a.py", code.format(red=10)), written(tmp_path / "b.py", code.format(red=10))
    assert made(first, prompt="").getpixel((0, 0)) == made(second, prompt="").getpixel((0, 0)) == (10, 1, 0)
    written(tmp_path / "helper_of_two.py", "GREEN = 22")
    assert made(first, prompt="").getpixel((0, 0)) == made(second, prompt="").getpixel((0, 0)) == (10, 22, 0)
    written(first, "def generate(:")
    failure(first, prompt="")
    assert sys.modules["main_of_a_studio"] is main


DECORATED = """
    from functools import cache, wraps
    from PIL import Image

    def _timed(function):
        @wraps(function)
        def timed(*args, **kwargs):
            return function(*args, **kwargs)
        return timed

    @cache
    def weights():
        return 7

    @_timed
    def paint(prompt: str, size: complex = 8) -> Image.Image:
        return Image.new("L", (weights(), 8))
"""


def test_a_decorated_function_is_itself_and_a_cached_loader_is_no_model(tmp_path: Path) -> None:
    path = written(tmp_path / "m.py", DECORATED)
    refused = refusal(path)
    assert (refused.line, refused.reason[:13]) == (15, "size: complex")
    written(path, DECORATED.replace("complex", "int"))
    function = describe(str(path), environment())["backend"]["function"]
    assert function == f"{path}:paint"
    folder = tmp_path / "out"
    folder.mkdir()
    asked = Request("job", "m", FunctionSpec(kind="function", function=function), {"prompt": ""}, folder)
    assert opened(BACKEND.run(asked, FakeContext()).files[0]).size == (7, 8)


# --- descriptions ----------------------------------------------------------------------------------------------------


def environment() -> dict[str, str]:
    return dict(os.environ)


def refusal(path: Path, name: str = "") -> DescribeError:
    with pytest.raises(DescribeError) as refused:
        describe(f"{path}:{name}" if name else str(path), environment())
    return refused.value


def test_a_file_is_described_without_being_imported_here_and_once(tmp_path: Path) -> None:
    log = tmp_path / "imports"
    code = f"open({str(log)!r}, 'a').write('x')\nprint('loading', flush=True)\n" + dedent(PAINTER)
    path = written(tmp_path / "my_model.py", code)
    first = describe(str(path), environment(), tmp_path / "cache")
    assert (first["id"], first["backend"]["function"]) == ("my-model", f"{path}:generate")
    assert describe(str(path), environment(), tmp_path / "cache") == first
    assert log.read_text() == "x"
    written(path, code.replace("steps: int", "rounds: int"))
    assert "rounds" in describe(str(path), environment(), tmp_path / "cache")["parameters"]
    (kept,) = (tmp_path / "cache").iterdir()
    kept.write_text("{damaged")
    assert "rounds" in describe(str(path), environment(), tmp_path / "cache")["parameters"]


def test_one_of_several_functions_is_chosen_by_name(tmp_path: Path) -> None:
    code = PAINTER + "\n    def other(words: str) -> Image.Image: ...\n    def _own(): ..."
    path = written(tmp_path / "m.py", code)
    assert describe(str(path), environment())["id"] == "m"
    other = describe(f"{path}:other", environment())
    assert (other["id"], other["name"], other["backend"]["function"]) == ("m-other", "M other", f"{path}:other")


@pytest.mark.parametrize(
    ("code", "line", "reason"),
    [
        ("import no_such_package", 1, "it cannot be imported: No module named 'no_such_package'"),
        ("x = 1\ndef generate(:\n", 2, "it cannot be imported: "),
        ("\n\nraise SystemExit", 3, "it cannot be imported: SystemExit"),
        ("import os\nos._exit(7)", None, "its import ended the process (exit code 7)"),
        ("import ctypes\nctypes.string_at(0)", None, "its import ended the process (exit code -11)"),
        ("x = 1", None, "one function is the model, and here are none: "),
        ("def a(): ...\ndef b(): ...", None, "one function is the model, and here are a, b: "),
        ("async def a(prompt: str): ...", 1, "a is async: "),
        ("\ndef a(prompt: str): ...", 2, "say what it makes"),
        ("x = '\0'", None, "it cannot be imported: "),
    ],
)
def test_what_cannot_be_described_is_said_with_its_line(
    code: str, line: int | None, reason: str, tmp_path: Path
) -> None:
    refused = refusal(written(tmp_path / "m.py", code))
    assert refused.reason.startswith(reason)
    assert refused.line == line


def test_a_function_or_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    path = written(tmp_path / "m.py", PAINTER)
    assert refusal(path, "nothing").reason == "there is no function nothing in m.py"
    assert refusal(tmp_path / "n.py").reason == f"there is no file {tmp_path / 'n.py'}"


def test_an_import_that_never_ends_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backends.function.describe.SECONDS", 0.1)
    assert "takes more than" in refusal(written(tmp_path / "m.py", "while True: pass")).reason


def test_a_preview_may_be_an_array(tmp_path: Path) -> None:
    code = "import numpy as np\nfrom PIL import Image\ndef generate(prompt: str, run) -> Image.Image:\n"
    code += "    run.preview(np.zeros((4, 4, 3)))\n    return Image.new('L', (4, 4))"
    context = FakeContext()
    run(written(tmp_path / "m.py", code), context, prompt="")
    (shown,) = context.previews
    assert isinstance(shown, Image.Image)
    assert shown.save(io.BytesIO(), "PNG") is None
