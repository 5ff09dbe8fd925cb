"""Sounds of any number of channels, joined ones and damaged films: what players play goes through every model."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.audio.layout import AudioLayout
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from backends.base import BackendError
from backends.local_models import decoding, films
from backends.local_models.decoding import in_words, mixed
from storage.errors import MediaRefusedError
from storage.media.probe import MediaLimits, probe
from studio.jobs.previews import preview
from tests import media_samples
from tests.backends.local_runs import LOCAL_MODELS, filled, run

AUDIO_EDIT, KEN_BURNS, UPSCALE = (LOCAL_MODELS[name] for name in ("audio-edit", "ken-burns", "upscale"))
PLACES = {1: "mono", 2: "stereo", 3: "3.0", 4: "4.0", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1", 24: "22.2"}


@dataclass(frozen=True)
class Heard:
    """16-bit samples as (channel, sample)."""

    samples: NDArray[np.int16]
    rate: int

    @property
    def seconds(self) -> float:
        return self.samples.shape[1] / self.rate

    @property
    def pitches(self) -> list[int]:
        """The strongest frequency of each channel, to the next 100 Hz."""
        spectra = np.abs(np.fft.rfft(self.samples))
        return [round(place / self.seconds / 100) * 100 for place in spectra.argmax(axis=1)]

    def loudness(self, start: float, end: float) -> float:
        return float(np.abs(self.samples[:, int(start * self.rate) : int(end * self.rate)]).mean())


def hear(path: Path) -> Heard:
    with av.open(str(path)) as container:
        (stream,) = container.streams.audio
        packed = list(container.decode(stream))
        count = stream.codec_context.channels
        resampled = [ready for frame in packed for ready in av.AudioResampler("s16", frame.layout.name).resample(frame)]
        samples = np.concatenate([frame.to_ndarray().reshape(-1, count) for frame in resampled])
    return Heard(samples.T, stream.rate)


def edit(sound: Path, **values: Any) -> Heard:
    return hear(run(AUDIO_EDIT, filled(AUDIO_EDIT, {"audio": sound}, values), sound.parent))


def upscaled(film: Path) -> Path:
    values = {"media_type": "video", "factor": 1.0}
    return run(UPSCALE, filled(UPSCALE, {"image": film, "video": film}, values), film.parent)


def with_sound(sound: Path, duration: float = 0.5) -> Path:
    """A film by Ken Burns with this sound."""
    media = {"image": media_samples.png(sound.with_name("photo.png")), "audio": sound}
    values = {"add_audio": True, "audio_fade": 0.0, "duration": duration}
    return run(KEN_BURNS, filled(KEN_BURNS, media, values), sound.parent)


def bars(sound: Path) -> NDArray[np.intp]:
    """The heights of the bars in the little picture of a sound."""
    with Image.open(preview(sound, "audio", sound.with_suffix(".webp"))) as picture:
        opacity = np.asarray(picture.getchannel("A")) > 128
    return opacity.reshape(len(opacity), 64, -1).any(axis=2).sum(axis=0)


# --- channels --------------------------------------------------------------------------------------------------------


@given(count=st.integers(1, 24), suffix=st.sampled_from([".wav", ".mov", ".mkv", ".flac"]), placed=st.booleans())
@example(count=8, suffix=".wav", placed=False)
@example(count=16, suffix=".wav", placed=False)
@example(count=8, suffix=".flac", placed=True)
@example(count=24, suffix=".mov", placed=True)
def test_every_channel_stays_in_its_place(
    count: int, suffix: str, placed: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    count = min(count, 8) if suffix == ".flac" else count
    folder = tmp_path_factory.mktemp("sound")
    sound = media_samples.channels(folder / f"sound{suffix}", count, PLACES.get(count, "") if placed else "")
    for values in ({"format": "wav"}, {"format": "flac"})[: 2 if count <= 8 else 1]:
        heard = edit(sound, **values)
        assert heard.pitches == [300 + 100 * number for number in range(count)]
        assert heard.seconds == pytest.approx(0.3)


@pytest.mark.parametrize(("suffix", "rate"), [(".m4a", 48_000), (".ogg", 48_000)])
def test_channels_of_lossy_sounds_stay_in_their_places_too(suffix: str, rate: int, tmp_path: Path) -> None:
    heard = edit(media_samples.channels(tmp_path / f"sound{suffix}", 8, "7.1", 0.5, rate))
    pitches = heard.pitches
    assert pitches[:3] + pitches[4:] == [300, 400, 500, 700, 800, 900, 1000], "but the fourth, which is for low tones"


@pytest.mark.parametrize("count", [3, 8, 9, 11, 16, 17, 33, 64])
def test_any_number_of_channels_becomes_one_or_two(count: int, tmp_path: Path) -> None:
    sound = media_samples.channels(tmp_path / "sound.wav", count)
    assert edit(sound, channels="stereo").samples.shape[0] == 2
    assert edit(sound, channels="mono").samples.shape[0] == 1
    assert edit(sound, format="mp3").samples.shape[0] == 2


@pytest.mark.parametrize("count", [8, 9, 16, 24])
@pytest.mark.parametrize("suffix", [".wav", ".mkv"])
def test_sounds_of_many_channels_go_into_films_and_little_pictures(count: int, suffix: str, tmp_path: Path) -> None:
    sound = media_samples.channels(tmp_path / f"sound{suffix}", count)
    assert probe(sound, MediaLimits()).kind == "audio"
    assert hear(with_sound(sound)).samples.shape[0] == 2
    assert bars(sound).min() > 2


def test_what_a_format_cannot_hold_is_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(BackendError, match=r"^FLAC holds at most 8 channels and the sound has 16: choose WAV\.$"):
        edit(media_samples.channels(tmp_path / "sound.wav", 16), format="flac")


def test_channels_in_an_order_of_their_own_are_put_in_their_places(tmp_path: Path) -> None:
    sound = media_samples.channels_in_an_order_of_their_own(tmp_path / "sound.mov")
    for _ in range(3):
        assert probe(sound, MediaLimits()).kind == "audio"
        assert edit(sound).pitches == [400, 500, 300, 600], "left, right, centre, back"
        assert bars(sound).min() > 2


@given(
    layout=st.sampled_from([*PLACES.values(), "hexadecagonal", "9.1.6", "octagonal", "2.1", "FL+FR+TFL+TBL"])
    | st.integers(1, 64).map("{} channels".format),
    wanted=st.sampled_from(["mono", "stereo", "5.1", "9 channels", "16 channels"]),
)
def test_any_channels_can_be_mixed_into_any(layout: str, wanted: str) -> None:
    layout = AudioLayout(layout).name
    graph, source = av.filter.Graph(), {"sample_rate": "8000", "sample_fmt": "flt", "channel_layout": layout}
    nodes = [graph.add("abuffer", **source), *(graph.add(*step) for step in mixed(layout, wanted))]
    graph.link_nodes(*nodes, graph.add("abuffersink")).configure()
    loud = np.ones((1, 80 * AudioLayout(layout).nb_channels), np.float32)
    frame = av.AudioFrame.from_ndarray(loud, format="flt", layout=layout)
    frame.sample_rate = 8_000
    graph.push(frame)
    graph.push(None)
    assert graph.pull().layout.nb_channels == AudioLayout(wanted).nb_channels


# --- joined sounds ---------------------------------------------------------------------------------------------------


def mp3(path: Path, layout: str, rate: int) -> Path:
    return media_samples.channels(path, AudioLayout(layout).nb_channels, layout, 1.0, rate)


@pytest.mark.parametrize(("layout", "rate"), [("stereo", 44_100), ("mono", 44_100), ("mono", 24_000)])
def test_joined_mp3s_are_one_sound_in_one_form(layout: str, rate: int, tmp_path: Path) -> None:
    parts = mp3(tmp_path / "a.mp3", "stereo", 44_100), mp3(tmp_path / "b.mp3", layout, rate)
    sound = media_samples.joined(tmp_path / "sound.mp3", *parts)
    assert probe(sound, MediaLimits()).duration == pytest.approx(2, abs=0.15)
    heard = edit(sound)
    assert (heard.samples.shape[0], heard.rate) == (2, 44_100)
    assert heard.seconds == pytest.approx(2, abs=0.1)
    assert heard.loudness(0.1, 0.9) == pytest.approx(heard.loudness(1.2, 1.9), rel=0.5)
    in_film = hear(with_sound(sound, duration=2.5))
    assert in_film.loudness(0.1, 0.9) == pytest.approx(in_film.loudness(1.2, 1.9), rel=0.5)
    heights = bars(sound)
    assert min(heights[5:28].min(), heights[36:60].min()) > 40


def test_parts_of_another_rate_in_an_ogg_are_played_at_theirs(tmp_path: Path) -> None:
    parts = [media_samples.channels(tmp_path / f"{rate}.oga", 1, "mono", 1.0, rate) for rate in (44_100, 24_000)]
    heard = edit(media_samples.joined(tmp_path / "sound.ogg", *parts))
    assert heard.seconds == pytest.approx(2, abs=0.05)
    assert Heard(heard.samples[:, -40_000:], heard.rate).pitches == [300]


# --- damage ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Lasting:
    """How many pictures a film has, and how many seconds its pictures and its sound last."""

    pictures: int
    seconds: float
    sound: float


def measure(film: Path) -> Lasting:
    with av.open(str(film)) as container:
        (video,), (audio,) = container.streams.video, container.streams.audio
        ends = {stream.index: 0.0 for stream in (video, audio)}
        for packet in container.demux():
            if packet.pts is not None:
                end = float((packet.pts + packet.duration) * packet.time_base)
                ends[packet.stream.index] = max(end, ends[packet.stream.index])
        return Lasting(video.frames, ends[video.index], ends[audio.index])


@pytest.mark.parametrize(("kind", "number"), [("video", 20), ("video", 35), ("audio", 30)])
def test_a_film_with_a_damaged_packet_is_upscaled_whole(kind: str, number: int, tmp_path: Path) -> None:
    film = media_samples.video(tmp_path / "film.mp4", seconds=3.0, sound=True)
    media_samples.damaged(film, kind, [number])
    assert probe(film, MediaLimits()).duration == pytest.approx(3, abs=0.03)
    found = measure(upscaled(film))
    assert (found.seconds, found.sound) == (pytest.approx(3, abs=0.1), pytest.approx(3, abs=0.1))
    assert found.pictures >= 35


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Files of three seconds by their suffix."""
    folder = tmp_path_factory.mktemp("samples")
    films = [media_samples.video(folder / f"a{suffix}", 3.0, (16, 16), sound=True) for suffix in (".mp4", ".mov")]
    sounds = [media_samples.audio(folder / f"a{suffix}", 3.0) for suffix in (".wav", ".flac", ".mp3", ".ogg", ".m4a")]
    return {path.suffix: path.read_bytes() for path in films + sounds}


def heard_seconds(path: Path) -> float:
    with films.opened(path) as container:
        return sum(frame.samples / frame.sample_rate for frame in decoding.sounds(container))


one_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@one_folder
@given(
    suffix=st.sampled_from([".mp4", ".mov"]),
    kind=st.sampled_from(["video", "audio"]),
    numbers=st.lists(st.integers(1, 35), min_size=1, max_size=4, unique=True),
)
@example(suffix=".mp4", kind="video", numbers=[32, 33, 34, 35])
def test_a_film_with_damaged_packets_keeps_its_length_and_the_rest(
    suffix: str, kind: str, numbers: list[int], samples: dict[str, bytes], tmp_path: Path
) -> None:
    film = tmp_path / f"film{suffix}"
    film.write_bytes(samples[suffix])
    media_samples.damaged(film, kind, numbers)
    assert probe(film, MediaLimits()).duration == pytest.approx(3, abs=0.03)
    with films.opened(film) as container:
        times = [frame.time for frame in decoding.pictures(container, container.streams.video[0])]
    assert len(times) >= (36 - len(numbers) if kind == "video" else 36)
    assert times[-1] == pytest.approx(3 - 1 / 12)
    assert heard_seconds(film) == pytest.approx(3, abs=0.1)


@one_folder
@given(
    suffix=st.sampled_from([".wav", ".flac", ".mp3", ".ogg", ".m4a"]),
    place=st.floats(0.2, 0.8),
    noise=st.binary(min_size=1, max_size=300),
)
def test_a_sound_that_is_damaged_in_the_middle_keeps_its_length(
    suffix: str, place: float, noise: bytes, samples: dict[str, bytes], tmp_path: Path
) -> None:
    sound, start = tmp_path / f"sound{suffix}", int(place * len(samples[suffix]))
    sound.write_bytes(samples[suffix][:start] + noise + samples[suffix][start + len(noise) :])
    assert probe(sound, MediaLimits()).duration == pytest.approx(3, abs=0.1)
    assert heard_seconds(sound) == pytest.approx(3, abs=0.1)


def test_silence_stands_for_what_was_lost(tmp_path: Path) -> None:
    sound = media_samples.damaged(media_samples.audio(tmp_path / "sound.m4a", seconds=2.0), "audio", range(40, 60))
    heard = edit(sound)
    assert heard.loudness(0.95, 1.2) < 50
    assert heard.loudness(1.5, 1.9) > 1000
    assert heard.seconds == pytest.approx(2, abs=0.05)


def test_a_film_of_which_no_picture_can_be_read_is_refused_and_so_is_a_sound(tmp_path: Path) -> None:
    film = media_samples.video(tmp_path / "film.mp4", seconds=1.0, sound=True)
    with pytest.raises(MediaRefusedError, match="damaged"):
        probe(media_samples.damaged(film, "video", range(12)), MediaLimits())
    with pytest.raises(BackendError, match=r"no frame that can be read"):
        upscaled(film)
    sound = media_samples.damaged(media_samples.audio(tmp_path / "sound.flac"), "audio", range(6))
    with pytest.raises(MediaRefusedError, match="damaged"):
        probe(sound, MediaLimits())
    for model in (edit, with_sound):
        with pytest.raises(BackendError, match=r"no sound that can be read"):
            model(sound)


def test_a_poster_is_of_a_picture_that_can_be_read(tmp_path: Path) -> None:
    film = media_samples.damaged(media_samples.video(tmp_path / "film.mp4", key_frames=3), "video", [0])
    assert probe(film, MediaLimits()).kind == "video"
    assert preview(film, "video", tmp_path / "poster.webp").stat().st_size > 0


def test_no_message_of_ffmpegs_shows_its_numbers_or_functions() -> None:
    for error in {value for value in vars(av.error).values() if isinstance(value, type)}:
        if issubclass(error, av.FFmpegError):
            words = in_words(error(1094995529, "Invalid data", "avcodec_send_packet()"))
            assert not set(words) & set("_()[]0123456789")
            assert words


def test_a_sound_of_an_unknown_kind_is_refused_in_words_where_it_is_needed(tmp_path: Path) -> None:
    film = media_samples.video(tmp_path / "film.mkv", sound=True)
    film.write_bytes(film.read_bytes().replace(b"A_AAC", b"A_XYZ"))
    assert probe(film, MediaLimits()).kind == "video"
    with pytest.raises(BackendError, match="kind that cannot be read"):
        upscaled(film)


# --- Matroska and WAV ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("sounds", "late"), [([2.0, 4.0], 0), ([2.0], 10), ([2.0, 3.0], 7)])
@pytest.mark.parametrize("suffix", [".mkv", ".webm"])
def test_a_film_with_longer_tracks_or_a_late_start_goes_through_whole(
    suffix: str, sounds: list[float], late: int, tmp_path: Path
) -> None:
    film = media_samples.film_of_tracks(tmp_path / f"film{suffix}", sounds, late)
    assert probe(film, MediaLimits()).duration == pytest.approx(2, abs=0.1)
    with av.open(str(upscaled(film))) as container:
        (stream,) = container.streams.video
        assert (container.start_time or 0) / av.time_base == pytest.approx(0, abs=0.05), "not ten seconds of nothing"
        assert stream.frames == 24
        assert float(stream.duration * stream.time_base) == pytest.approx(2, abs=0.01)


@pytest.mark.parametrize("samples", [0, 0xFFFFFFFF, 0x7FFFFFFF, 2_000_000_000, 0x7FFFF000])
@pytest.mark.parametrize("whole", [None, 36, 0, 0x7FFFF024, 0xFFFFFFFF])
def test_a_wav_that_leaves_its_length_open_goes_through_whole(samples: int, whole: int | None, tmp_path: Path) -> None:
    sound = media_samples.wav_that_says(tmp_path / "sound.wav", whole, samples)
    assert probe(sound, MediaLimits()).duration == pytest.approx(0.5)
    assert edit(sound).seconds == pytest.approx(0.5)
