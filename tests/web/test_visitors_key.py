"""The key of the visitors' cookies: however its making ends, the next start has one, and one that was used stays."""

import os
import resource
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from studio.errors import SettingError
from tests.killing import killing
from web.auth.visitors import KEY_BYTES, visitors_key

TRACED = ("/web/auth/visitors.py", "/storage/media/blobs.py", "/studio/settings.py")
AT_ONCE = 4


def begun(work: Callable[[], bytes]) -> Callable[[], bytes]:
    """Begin the work in a process of its own; what is returned waits for what it gives, which is nothing if it ends."""
    read, write = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.write(write, work())
        finally:
            os._exit(0)
    os.close(write)

    def end() -> bytes:
        with os.fdopen(read, "rb") as given:
            said = given.read()
        os.waitpid(child, 0)
        return said

    return end


class KeyLife(RuleBasedStateMachine):
    """Starts of a studio, one after the other and at once, that go well or end in the midst."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self.path = Path(self._folder.name) / "visitors.key"
        self.used: bytes | None = None

    def teardown(self) -> None:
        self._folder.cleanup()

    @rule()
    def start(self) -> None:
        self._use(visitors_key(self.path))

    @rule()
    def start_some_at_once(self) -> None:
        for end in [begun(lambda: visitors_key(self.path)) for _ in range(AT_ONCE)]:
            self._use(end())

    @rule(line=st.integers(1, 40))
    def kill(self, line: int) -> None:
        def work() -> bytes:
            sys.settrace(killing(line, TRACED))
            return visitors_key(self.path)

        if key := begun(work)():
            self._use(key)

    @rule(room=st.integers(0, KEY_BYTES - 1))
    def fill_the_disk(self, room: int) -> None:
        def work() -> bytes:
            resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
            try:
                return visitors_key(self.path)
            except SettingError:
                return b""

        if key := begun(work)():
            self._use(key)

    @precondition(lambda self: self.used is None)
    @rule(left=st.binary(max_size=KEY_BYTES - 1) | st.just(bytes(KEY_BYTES)))
    def leave_what_an_older_studio_left(self, left: bytes) -> None:
        self.path.write_bytes(left)

    @invariant()
    def a_used_key_is_there(self) -> None:
        assert self.used is None or self.path.read_bytes() == self.used

    def _use(self, key: bytes) -> None:
        assert len(key) == KEY_BYTES
        assert self.used in (None, key)
        self.used = key


def test_a_key_is_there_whole_or_not_at_all_and_stays_when_it_was_used() -> None:
    some = settings.default.max_examples * 3 // 10  # one starts dozens of processes
    run_state_machine_as_test(KeyLife, settings=settings(max_examples=some, stateful_step_count=8))


@pytest.mark.parametrize("left", [b"", b"k", b"k" * (KEY_BYTES - 1), bytes(KEY_BYTES)], ids=["0", "1", "31", "zeros"])
def test_a_key_that_was_cut_off_is_made_anew(tmp_path: Path, left: bytes) -> None:
    path = tmp_path / "visitors.key"
    path.write_bytes(left)
    key = visitors_key(path)
    assert len(key) == KEY_BYTES
    assert any(key)
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (key, 0o600)


def test_a_key_is_on_the_disk_before_it_has_its_name_and_its_name_before_it_signs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = list[str]()
    rename = Path.replace
    monkeypatch.setattr(os, "fsync", lambda file: done.append(Path(f"/proc/self/fd/{file}").readlink().name))
    monkeypatch.setattr(Path, "replace", lambda *paths: done.append("named") or rename(*paths))
    visitors_key(tmp_path / "visitors.key")
    assert done[: done.index("named")].count("visitors.new") == 1
    assert tmp_path.name in done[done.index("named") :]


def test_what_is_too_long_for_a_key_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "visitors.key"
    path.write_bytes(other := b"somebody's own, longer than any key")
    with pytest.raises(SettingError, match=r"^STUDIO_DATA_DIR: .*visitors\.key is no key .* delete it"):
        visitors_key(path)
    assert path.read_bytes() == other


def test_a_key_without_room_is_a_matter_of_the_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def write(_: Path, __: bytes) -> None:
        raise OSError(28, "No space left on device")  # as a write tells it: without a name

    monkeypatch.setattr(Path, "write_bytes", write)
    with pytest.raises(SettingError, match=r"^STUDIO_DATA_DIR: its folder cannot be used \(No space left on device\)"):
        visitors_key(tmp_path / "visitors.key")


def test_a_key_that_cannot_be_kept_is_a_matter_of_the_data_folder(tmp_path: Path) -> None:
    (tmp_path / "visitors.key").mkdir()
    with pytest.raises(SettingError, match=r"^STUDIO_DATA_DIR: .*visitors\.key cannot be used"):
        visitors_key(tmp_path / "visitors.key")
