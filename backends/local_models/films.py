"""Reading films and sounds, and writing H.264 films that every browser plays from the first byte on."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.audio import AudioFrame, AudioStream
from av.container import InputContainer, OutputContainer
from av.video import VideoFrame, VideoStream

from backends.local_models.decoding import SAMPLE_RATE
from media_kinds import DEMUXERS

LARGEST_SIDE = 4096
"""Pixels; the largest that H.264 decoders in browsers take without fail."""

QUALITY: Mapping[str, str] = {"high": "18", "medium": "23", "low": "28"}
"""x264's constant rate factor for the words in the forms."""

_BITEXACT = {"fflags": "+bitexact", "movflags": "+faststart"}
# The number of threads is fixed because it changes x264's bytes. On processors with AVX-512 its tree of macroblocks
# reads memory that nobody wrote, and equal films came out unequal.
_X264 = {"preset": "veryfast", "threads": "2", "mbtree": "0"}
_BT709 = 1


@contextmanager
def opened(path: Path) -> Iterator[InputContainer]:
    """The file for reading, with the containers allowed that the studio takes."""
    with av.open(str(path), "r", options={"format_whitelist": DEMUXERS}) as container:
        yield container


def seconds(container: InputContainer) -> float:
    """How long it says it is; 0 when it does not say."""
    return container.duration / av.time_base if container.duration else 0.0


@dataclass(frozen=True, slots=True)
class Film:
    """A film being written: show its frames and play its sound in about the order of their times."""

    container: OutputContainer
    video: VideoStream
    audio: AudioStream | None

    def show(self, frame: VideoFrame) -> None:
        """Add a picture at the time that its `pts` and `time_base` say."""
        frame.pict_type = 0  # the encoder chooses, whatever the frame was before
        self.container.mux(self.video.encode(frame))

    def play(self, frame: AudioFrame) -> None:
        """Add sound at the time that its `pts` and `time_base` say."""
        if self.audio is not None:
            self.container.mux(self.audio.encode(frame))


@contextmanager
def writing(
    path: Path,
    size: tuple[int, int],
    rate: Fraction,
    quality: str,
    time_base: Fraction | None = None,
    sound: bool = False,
) -> Iterator[Film]:
    """An H.264 film of `size` (even pixels) and `rate` frames a second, with a stereo AAC track when `sound`."""
    with av.open(str(path), "w", format="mp4", container_options=_BITEXACT) as container:
        video = container.add_stream("libx264", rate=rate, options={**_X264, "crf": QUALITY[quality]})
        video.width, video.height = size
        video.pix_fmt = "yuv420p"
        context = video.codec_context
        context.time_base = time_base or 1 / rate
        context.colorspace = context.color_primaries = context.color_trc = _BT709
        audio = container.add_stream("aac", rate=SAMPLE_RATE, layout="stereo", bit_rate=192_000) if sound else None
        film = Film(container, video, audio)
        yield film
        container.mux(video.encode(None))
        if audio is not None:
            container.mux(audio.encode(None))


def even(number: float) -> int:
    """The nearest even number, at least 2: what a film's sides must be."""
    return max(2, 2 * round(number / 2))


def in_step(film: Film, pictures: Iterable[VideoFrame], sounds: Iterator[AudioFrame]) -> Iterator[VideoFrame]:
    """Write both side by side, so that a player never has to look far for either; gives each picture when written."""
    heard = 0.0
    for picture in pictures:
        film.show(picture)
        while heard <= (picture.time or 0.0) and (sound := next(sounds, None)) is not None:
            film.play(sound)
            heard = (sound.time or 0.0) + sound.samples / sound.sample_rate
        yield picture
    for sound in sounds:
        film.play(sound)
