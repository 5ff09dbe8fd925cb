"""What the sound editor does to real sounds, measured on the samples."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from backends.base import BackendError
from tests import media_samples
from tests.backends.local_runs import LOCAL_MODELS, filled, run

CONFIG = LOCAL_MODELS["audio-edit"]


@dataclass(frozen=True)
class Heard:
    """The samples from -1 to 1 as (channel, sample)."""

    samples: NDArray[np.float32]
    rate: int
    codec: str
    bit_rate: int

    @property
    def seconds(self) -> float:
        return self.samples.shape[1] / self.rate

    @property
    def peak(self) -> float:
        return float(np.abs(self.samples).max())

    @property
    def pitch(self) -> float:
        """The strongest frequency in hertz."""
        spectrum = np.abs(np.fft.rfft(self.samples[0]))
        return float(spectrum.argmax() * self.rate / self.samples.shape[1])


def hear(path: Path) -> Heard:
    with av.open(str(path)) as sound:
        stream = sound.streams.audio[0]
        resampler = av.AudioResampler(format="fltp")
        frames = [ready.to_ndarray() for frame in sound.decode(stream) for ready in resampler.resample(frame)]
        return Heard(np.concatenate(frames, axis=1), stream.rate, stream.codec_context.name, stream.bit_rate or 0)


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    return media_samples.audio(tmp_path / "sound.wav", seconds=2.0)


def edit(sound: Path, **values: Any) -> Heard:
    return hear(run(CONFIG, filled(CONFIG, {"audio": sound}, values), sound.parent))


def test_untouched_values_keep_every_sample(sound: Path) -> None:
    assert (edit(sound).samples == hear(sound).samples).all()


def test_a_trim_keeps_exactly_the_part(sound: Path) -> None:
    kept = edit(sound, trim=True, trim_start=0.5, trim_end=1.25).samples
    assert (kept == hear(sound).samples[:, 24_000:60_000]).all()


def test_a_trim_without_an_end_keeps_the_rest(sound: Path) -> None:
    assert edit(sound, trim=True, trim_start=1.5).seconds == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"trim_start": 1.0, "trim_end": 3.0}, r"The sound is 2\.00 s long: To must be at most that, not 3 s\."),
        ({"trim_start": 2.5}, r"The sound is 2\.00 s long: From must be less than that, not 2\.5 s\."),
        ({"trim_start": 2.5, "trim_end": 2.0}, r"To \(2 s\) must come after From \(2\.5 s\)\."),
    ],
)
def test_a_trim_that_does_not_fit_says_how_long_the_sound_is(values: dict[str, Any], message: str, sound: Path) -> None:
    with pytest.raises(BackendError, match=message):
        edit(sound, trim=True, **values)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(speed=st.floats(0.25, 4), keep_pitch=st.booleans())
def test_speed_divides_the_length(speed: float, keep_pitch: bool, tmp_path: Path) -> None:
    sound = media_samples.audio(tmp_path / "short.wav", seconds=0.4)
    # Tempo works in windows of some 20 ms; without it only rounding to samples is lost.
    assert edit(sound, speed=speed, keep_pitch=keep_pitch).seconds == pytest.approx(0.4 / speed, abs=0.06)


@pytest.mark.parametrize(("keep_pitch", "expected"), [(True, 220), (False, 440)])
def test_the_pitch_is_kept_or_rises_with_the_speed(keep_pitch: bool, expected: float, sound: Path) -> None:
    assert edit(sound, speed=2.0, keep_pitch=keep_pitch).pitch == pytest.approx(expected, abs=4)


@pytest.mark.parametrize("peak", [-6.0, -1.0, 0.0])
def test_normalizing_lifts_the_loudest_moment_to_the_peak(peak: float, sound: Path) -> None:
    assert edit(sound, volume="normalize", peak=peak).peak == pytest.approx(10 ** (peak / 20), abs=0.002)


def test_silence_stays_silence_when_normalized(tmp_path: Path) -> None:
    quiet = tmp_path / "quiet.wav"
    with av.open(str(quiet), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 800), dtype=np.int16), format="s16", layout="mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    heard = edit(quiet, volume="normalize")
    assert (heard.peak, heard.rate, heard.samples.shape) == (0, 8000, (1, 800))


def test_gain_is_in_decibels(sound: Path) -> None:
    assert edit(sound, volume="gain", gain=-6.0).peak == pytest.approx(hear(sound).peak * 0.501, rel=0.01)


def test_fades_begin_and_end_in_silence(sound: Path) -> None:
    faded = edit(sound, fade_in=0.5, fade_out=0.5, speed=1.5).samples
    middle = faded[:, faded.shape[1] // 2 - 1000 : faded.shape[1] // 2 + 1000]
    assert np.abs(faded[:, :200]).max() < 0.01
    assert np.abs(faded[:, -200:]).max() < 0.01
    assert np.abs(middle).max() > 0.2


@pytest.mark.parametrize(
    ("values", "codec"),
    [
        ({"format": "wav", "bit_depth": 16}, "pcm_s16le"),
        ({"format": "wav", "bit_depth": 24}, "pcm_s24le"),
        ({"format": "flac", "bit_depth": 24}, "flac"),
        ({"format": "mp3", "bitrate": 128}, "mp3float"),
    ],
)
def test_the_file_has_the_format_asked_for(values: dict[str, Any], codec: str, sound: Path) -> None:
    heard = edit(sound, **values)
    assert heard.codec == codec
    assert heard.seconds == pytest.approx(2, abs=0.06)
    if "bitrate" in values:
        assert heard.bit_rate == pytest.approx(128_000, rel=0.05)


@pytest.mark.parametrize(("channels", "count"), [("keep", 2), ("mono", 1), ("stereo", 2)])
def test_channels_are_mixed_as_asked(channels: str, count: int, sound: Path) -> None:
    assert edit(sound, channels=channels).samples.shape[0] == count


@pytest.mark.parametrize("suffix", [".mp3", ".flac", ".ogg", ".m4a"])
def test_sounds_of_other_kinds_are_edited_too(suffix: str, tmp_path: Path) -> None:
    heard = edit(media_samples.audio(tmp_path / f"sound{suffix}", seconds=1.0), fade_in=0.1)
    assert heard.seconds == pytest.approx(1, abs=0.06)


def test_a_rate_that_mp3_does_not_know_becomes_the_nearest(tmp_path: Path) -> None:
    sharp = tmp_path / "sharp.wav"
    with av.open(str(sharp), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=96_000, layout="5.1")
        samples = np.zeros((1, 6 * 9600), dtype=np.int16)
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="5.1")
        frame.sample_rate = 96_000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    heard = edit(sharp, format="mp3")
    assert (heard.rate, heard.samples.shape[0]) == (48_000, 2)
