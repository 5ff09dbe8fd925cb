"""Decoding films and sounds: damage costs what is damaged and no more, and a sound keeps one form and its length."""

import ctypes
import errno
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, groupby

import av
import numpy as np
from av import AudioFrame, AudioStream, VideoFrame, VideoStream
from av.audio.layout import AudioLayout
from av.container import InputContainer
from av.stream import Stream

from backends.base import BackendError
from backends.local_models.filters import Filter, filtered

SAMPLE_RATE = 48_000
"""Of the sound in films, in hertz."""

_MOST_FAULTS = 10_000  # places at which reading goes on behind damage; more are a trick
_PAUSE = 0.04  # seconds; a shorter one is how times are rounded, but where something was lost
_LOST_PAUSE = 0.01


# --- reading on behind damage ----------------------------------------------------------------------------------------


def _packets(container: InputContainer, stream: VideoStream | AudioStream) -> Iterator["av.Packet[Stream]"]:
    """All of the stream; where the file is damaged, reading goes on behind the damage."""
    for _ in range(_MOST_FAULTS):
        try:
            yield from container.demux(stream)
            return
        except av.FFmpegError as error:
            if isinstance(error, OSError):  # the disk's fault, not the file's
                raise


def _start(container: InputContainer) -> float:
    """In seconds; what comes from a file that begins late has times from 0 on."""
    return max(0, container.start_time or 0) / av.time_base


def pictures(container: InputContainer, stream: VideoStream) -> Iterator[VideoFrame]:
    """Every frame that can be decoded; where one cannot, the one before it stands for longer, also at the end."""
    stream.thread_type = "SLICE"  # those that decode several frames at once lose what follows a damaged one at the end
    last, end, lost = None, 0, False
    start = round(_start(container) / (stream.time_base or 1))
    for packet in _packets(container, stream):
        end = max(end, (packet.pts or 0) - start)
        try:
            frames = stream.decode(packet)
        except av.FFmpegError:
            lost = True
            continue
        for last in frames:
            last.pts = None if last.pts is None else last.pts - start
            yield last
    if lost and last is not None and last.pts is not None and last.pts < end:
        last.pts = end
        yield last


def in_words(error: Exception) -> str:
    """What FFmpeg means, without its numbers and names of functions: goes on after "could not be worked on:"."""
    for kind, words in _FAULTS.items():
        if isinstance(error, kind):
            return words
    if isinstance(error, OSError) and error.errno and error.errno in errno.errorcode:
        return os.strerror(error.errno).lower()
    return "it is damaged, or of a kind that cannot be read here"


_FAULTS: Mapping[type[Exception], str] = {
    av.InvalidDataError: "it is damaged",
    EOFError: "it is damaged",
    LookupError: "it is of a kind that cannot be read here",
    av.PatchWelcomeError: "it is of a kind that cannot be read here",
    MemoryError: "there is not enough memory for it",
}


# --- sound in one form -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Form:
    rate: int
    layout: str
    samples: str

    @classmethod
    def of(cls, frame: AudioFrame) -> "_Form":
        return cls(frame.sample_rate, frame.layout.name, frame.format.name)

    def into(self, wanted: "_Form") -> list[Filter]:
        if self == wanted:
            return []
        rate = [] if self.rate == wanted.rate else [("aresample", str(wanted.rate))]
        return [*mixed(self.layout, wanted.layout), *rate, ("aformat", f"sample_fmts={wanted.samples}")]


def sounds(container: InputContainer) -> Iterator[AudioFrame]:
    """The first sound in the rate, channels and sample format that it begins with; nothing when there is none.

    Times count samples and never go back. Silence stands for what cannot be decoded and for pauses.
    """
    if not container.streams.audio:
        return
    stream = container.streams.audio[0]
    if not stream.codec_context:
        raise BackendError("The sound is of a kind that cannot be read here: save it as another one.")
    order = _settle_order(stream)
    frames = filtered(_without_gaps(container, stream), order)
    first = next(frames, None)
    if first is not None:
        yield from _in_form(chain([first], frames), _Form.of(first))


def stereo(container: InputContainer) -> Iterator[AudioFrame]:
    """The first sound as films have it, in two channels of floats."""
    return _in_form(sounds(container), _Form(SAMPLE_RATE, "stereo", "fltp"))


def mono(container: InputContainer, rate: int) -> Iterator[AudioFrame]:
    """The first sound in one channel of 16 bits."""
    return _in_form(sounds(container), _Form(rate, "mono", "s16"))


def _in_form(frames: Iterable[AudioFrame], wanted: _Form) -> Iterator[AudioFrame]:
    """Each stretch of frames of one form gets filters of its own: joined files change theirs on the way."""
    for form, alike in groupby(frames, _Form.of):
        yield from filtered(alike, form.into(wanted))


# --- silence for what is missing -------------------------------------------------------------------------------------


def _without_gaps(container: InputContainer, stream: AudioStream) -> Iterator[AudioFrame]:
    clock, last, end = _Clock(), None, 0.0
    unit, start = float(stream.time_base or 0), _start(container)
    counted = container.format.name == "mp3"  # its times only count frames, so they tell of no gap
    for packet in _packets(container, stream):
        if packet.pts is not None:
            clock.begin(packet.pts * unit - start)
            end = (packet.pts + (packet.duration or 0)) * unit - start
        try:
            frames = stream.decode(packet)
        except av.FFmpegError:
            clock.lost = not counted
            continue
        for last in frames:
            last.sample_rate = stream.codec_context.sample_rate  # an MP3's frame has the rate of the one before it
            keep_custom(last.layout)
            at = clock.end if counted or last.pts is None else last.pts * unit - start
            yield from clock.silence(last, at)
            yield clock.tick(last, at)
    if container.format.name == "ogg" and stream.duration:  # of which the last page may have been lost
        end = max(end, ((stream.start_time or 0) + stream.duration) * unit - start)
        clock.lost = True
    if last is not None and clock.lost:
        yield from clock.silence(last, end)


@dataclass(slots=True)
class _Clock:
    """Where the sound has got to, in seconds: by the file's own times, and by what was given so far."""

    expected: float | None = None
    end: float = 0.0
    lost: bool = False

    def begin(self, at: float) -> None:
        """Start with the first packet, whether it can be decoded or not."""
        if self.expected is None:
            self.expected = self.end = at

    def tick(self, frame: AudioFrame, at: float) -> AudioFrame:
        """The frame at the file's time for it, but never before the end of what was given so far."""
        rate, samples = frame.sample_rate, frame.samples
        place = round(max(at, self.end) * rate)
        frame.pts, frame.time_base = place, Fraction(1, rate)
        self.expected, self.end, self.lost = at + samples / rate, (place + samples) / rate, False
        return frame

    def silence(self, like: AudioFrame, until: float) -> Iterator[AudioFrame]:
        """What stands for a gap before `until`, at most a second at a time."""
        if self.expected is None or until - self.expected < (_LOST_PAUSE if self.lost else _PAUSE):
            return
        missing = round((until - self.end) * like.sample_rate)
        for start in range(0, missing, like.sample_rate):
            yield self.tick(_silence(like, min(like.sample_rate, missing - start)), self.end)


def _silence(like: AudioFrame, samples: int) -> AudioFrame:
    nothing = np.zeros((1, samples * like.layout.nb_channels), np.float32)
    frame = AudioFrame.from_ndarray(nothing, format="flt", layout=like.layout.name)
    frame.sample_rate, frame.pts, frame.time_base = like.sample_rate, 0, Fraction(1, like.sample_rate)
    return next(filtered([frame], [("aformat", f"sample_fmts={like.format.name}")]))


# --- channels --------------------------------------------------------------------------------------------------------

_NO_PLACES = re.compile(r"(9|\d{2,}) channels|\d+ channels \(|ambisonic|binaural")
_ORDER = {channel.name: place for place, channel in enumerate(AudioLayout("22.2").channels)}

_keep_forever = ctypes.pythonapi.Py_IncRef
_keep_forever.argtypes, _keep_forever.restype = [ctypes.py_object], None


def mixed(layout: str, wanted: str) -> list[Filter]:
    """What brings channels into another layout: by their places, or by their numbers where FFmpeg mixes no places."""
    if layout == wanted:
        return []
    if not _NO_PLACES.match(layout) and not _NO_PLACES.match(wanted):
        return [("aformat", f"channel_layouts={wanted}")]
    there, count = AudioLayout(layout).nb_channels, AudioLayout(wanted).nb_channels
    shares = ["+".join(f"c{number}" for number in range(index, there, count)) for index in range(count)]
    return [("pan", "|".join([wanted, *(f"c{index}<{share}" for index, share in enumerate(shares) if share)]))]


def keep_custom(layout: AudioLayout) -> bool:
    """Whether the channels are in an order of the file's own.

    PyAV 18 frees the list of such a layout although FFmpeg does too, which ends the process: so it must never go.
    """
    if "+" not in layout.name:
        return False
    places = [_ORDER.get(channel.name, -1) for channel in layout.channels]
    custom = places != sorted(set(places))
    if custom:
        _keep_forever(layout)
    return custom


def _settle_order(stream: AudioStream) -> list[Filter]:
    """Have channels in an order of their own decoded by their numbers, and give what puts them in their places."""
    layout = stream.codec_context.layout
    if not keep_custom(layout):
        return []
    stream.codec_context.options = {"ch_layout": f"{layout.nb_channels} channels"}
    names = [channel.name for channel in layout.channels]
    if len(set(names)) < len(names) or not _ORDER.keys() >= set(names):
        return []
    return [("channelmap", "map=" + "|".join(f"{number}-{name}" for number, name in enumerate(names)))]
