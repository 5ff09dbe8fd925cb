"""What every backend keeps to. One of your own passes it with a subclass and one fixture::

class TestMine(BackendContract):
    @pytest.fixture
    def harness(self, tmp_path: Path) -> Iterator[Harness]:
        with my_peer() as address:  # what the backend talks to, where it talks to anything
            backend = MyBackend({"MY_ADDRESS": address})
            yield Harness(backend, backend.spec_type(kind="mine"), values={"prompt": "a fox", "seed": 7})
"""

import io
import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from PIL import Image
from pydantic import ValidationError

from backends.base import Backend, BackendError, Cancelled, Outputs, Request, Spec, Stopped
from storage.media.probe import MediaLimits, probe
from tests.backends.fake_context import FakeContext


@dataclass(frozen=True, slots=True)
class Harness:
    """A backend, one model of it that is ready, and values that it runs quickly.

    `failing` are values in place of those, with which a run fails; `unready` are backends or specs that lack something.
    """

    backend: Backend
    spec: Spec
    values: Mapping[str, Any]
    failing: Mapping[str, Any] | None = None
    unready: tuple[tuple[Backend, Spec], ...] = field(default=())

    def run(self, folder: Path, context: FakeContext | None = None, **values: Any) -> Outputs:
        """A run with the outputs in `folder`, which is made."""
        folder.mkdir()
        given = MappingProxyType({**self.values, **values})
        request = Request("3f0e", "model", self.spec, given, folder)
        return self.backend.run(request, context or FakeContext())

    @property
    def inputs(self) -> tuple[Path, ...]:
        return tuple(value for value in self.values.values() if isinstance(value, Path))


def is_sentence(text: str | None) -> bool:
    return bool(text) and text == (text or "").strip() and (text or "").endswith((".", "!", "?"))


class BackendContract:
    """The suite."""

    @pytest.fixture
    def harness(self) -> Harness:
        raise NotImplementedError

    def test_a_model_file_with_a_key_that_it_does_not_know_is_refused(self, harness: Harness) -> None:
        assert issubclass(harness.backend.spec_type, Spec)
        assert harness.backend.spec_type.model_validate(harness.spec.model_dump()) == harness.spec
        with pytest.raises(ValidationError):
            harness.backend.spec_type.model_validate({**harness.spec.model_dump(), "no_such_key": 1})

    def test_it_is_ready_or_says_in_a_sentence_what_is_missing(self, harness: Harness) -> None:
        assert harness.backend.ready(harness.spec) is None
        for backend, spec in harness.unready:
            assert is_sentence(backend.ready(spec))

    def test_a_run_gives_files_in_its_folder_the_main_one_first(self, harness: Harness, tmp_path: Path) -> None:
        outputs = harness.run(tmp_path / "out")
        assert outputs.files
        assert {path.parent.resolve() for path in outputs.files} == {(tmp_path / "out").resolve()}
        assert len(set(outputs.files)) == len(outputs.files)
        for path in outputs.files:
            assert not path.is_symlink()
            assert probe(path, MediaLimits()).kind in ("image", "video", "audio")

    def test_texts_are_texts_and_finite_numbers_by_name(self, harness: Harness, tmp_path: Path) -> None:
        for name, value in harness.run(tmp_path / "out").texts.items():
            assert name
            assert isinstance(value, str) or math.isfinite(value)

    def test_progress_only_rises_from_0_to_1_and_steps_are_within_their_number(
        self, harness: Harness, tmp_path: Path
    ) -> None:
        context = FakeContext()
        harness.run(tmp_path / "out", context)
        assert context.fractions == sorted(context.fractions)
        assert all(0 <= fraction <= 1 for fraction in context.fractions)
        for step, of in context.steps:
            assert of is None or (step is not None and 0 <= step <= of)

    def test_a_picture_in_the_making_is_a_picture_and_no_result(self, harness: Harness, tmp_path: Path) -> None:
        context = FakeContext()
        outputs = harness.run(tmp_path / "out", context)
        for shown in context.previews:
            picture = shown if isinstance(shown, Image.Image) else Image.open(io.BytesIO(shown))
            assert picture.width * picture.height > 0
        assert set((tmp_path / "out").iterdir()) == set(outputs.files)

    @pytest.mark.parametrize("order", [Cancelled, Stopped])
    def test_a_cancel_at_any_time_ends_the_run_and_leaves_its_folder_empty(
        self, harness: Harness, order: type[Cancelled], tmp_path: Path
    ) -> None:
        whole = FakeContext()
        harness.run(tmp_path / "whole", whole)
        assert whole.asked > 0, "a backend asks whether it is cancelled"
        for calls in sorted({1, 2, (whole.asked + 1) // 2, whole.asked}):
            folder, context = tmp_path / f"stopped at {calls}", FakeContext(calls, order)
            with suppress(order):
                harness.run(folder, context)
                assert context.asked < calls, "a run that polls may be over before it asks that often"
                continue
            assert context.asked == calls
            assert list(folder.iterdir()) == []

    def test_a_failure_is_a_sentence_and_leaves_its_folder_empty(self, harness: Harness, tmp_path: Path) -> None:
        if harness.failing is None:
            pytest.skip("nothing that it takes makes it fail")
        with pytest.raises(BackendError) as failed:
            harness.run(tmp_path / "out", **harness.failing)
        assert is_sentence(str(failed.value))
        assert failed.value.fields.keys() <= {*harness.values, *harness.failing}
        assert all(map(is_sentence, failed.value.fields.values()))
        assert list((tmp_path / "out").iterdir()) == []

    def test_nothing_is_written_into_the_inputs_or_beside_them(self, harness: Harness, tmp_path: Path) -> None:
        before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in harness.inputs}
        beside = {path.parent: set(path.parent.iterdir()) for path in harness.inputs if path.parent != tmp_path}
        harness.run(tmp_path / "out")
        assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in harness.inputs} == before
        assert {folder: set(folder.iterdir()) for folder in beside} == beside

    def test_inputs_may_be_files_that_cannot_be_written(self, harness: Harness, tmp_path: Path) -> None:
        for path in harness.inputs:
            path.chmod(0o400)
        assert harness.run(tmp_path / "out").files

    def test_one_run_after_another_does_as_well(self, harness: Harness, tmp_path: Path) -> None:
        first, second = (harness.run(tmp_path / name) for name in ("first", "second"))
        assert len(first.files) == len(second.files)
        assert all(path.is_file() for path in first.files)

    def test_a_run_that_was_cut_off_goes_on_or_begins_anew(self, harness: Harness, tmp_path: Path) -> None:
        first = FakeContext()
        harness.run(tmp_path / "first", first)
        assert harness.run(tmp_path / "second", FakeContext(remembered=first.remembered)).files

    def test_a_remembered_run_that_nobody_knows_begins_anew_or_is_a_sentence(
        self, harness: Harness, tmp_path: Path
    ) -> None:
        said, files = "", tuple[Path, ...]()
        try:
            files = harness.run(tmp_path / "out", FakeContext(remembered="nobody-knows-this-id")).files
        except BackendError as error:
            said = str(error)
        assert files or is_sentence(said)

    def test_what_it_ran_with_and_cost_can_be_kept(self, harness: Harness, tmp_path: Path) -> None:
        context = FakeContext()
        harness.run(tmp_path / "out", context)
        assert all(isinstance(version, str) and version for version in context.versions.values())
        assert all(one is None or (math.isfinite(one) and one >= 0) for one in (context.cost, context.seconds))
