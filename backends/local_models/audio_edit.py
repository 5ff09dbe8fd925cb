"""Trims, fades, speeds up or converts a sound, without ever holding all of it in memory."""

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av import AudioFrame, AudioStream

from backends.base import BackendError, Context, Request
from backends.local_models import decoding, films, on_cpu
from backends.local_models.filters import Filter, filtered

_MP3_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
_MOST_CHANNELS = 8  # of a FLAC
_CODECS: Mapping[tuple[str, int], tuple[str, str]] = {
    ("wav", 16): ("pcm_s16le", "s16"),
    ("wav", 24): ("pcm_s24le", "s32"),
    ("flac", 16): ("flac", "s16"),
    ("flac", 24): ("flac", "s32"),
    ("mp3", 16): ("libmp3lame", "s16p"),
}
"""Encoder and sample format for each file format and bit depth."""


@dataclass(frozen=True, slots=True)
class _Sound:
    """What a first listening tells: seconds of the file and of the part that is kept, and its loudest sample."""

    whole: float
    kept: float
    peak: float


def run(request: Request, context: Context) -> Path:
    """Listen once to know length and peak, then write."""
    on_cpu(context, "av")
    values = request.values
    first = _beginning(values["audio"])
    layout = _layout(values, first)
    shape = [*_trim(values), *_channels(first, layout), *_tempo(values, first.sample_rate)]
    sound = _listen(values["audio"], shape, lambda done: context.progress(0.4 * done, "Listening"))
    _check(values, sound)
    path = request.folder / f"result.{values['format']}"
    chain = [*shape, *_loudness(values, sound), *_fades(values, sound.kept)]
    _write(path, values, chain, first.sample_rate, sound, lambda done: context.progress(0.4 + 0.59 * done, "Writing"))
    return path


def _beginning(path: Path) -> AudioFrame:
    with films.opened(path) as container:
        if not container.streams.audio:
            raise BackendError("The file holds no sound: choose another one.")
        first = next(decoding.sounds(container), None)
    if first is None:
        raise BackendError("The file holds no sound that can be read: choose another one.")
    return first


def _layout(values: Mapping[str, Any], first: AudioFrame) -> str:
    """The channels of the result, by FFmpeg's name."""
    count = first.layout.nb_channels
    if values["channels"] != "keep":
        return str(values["channels"])
    if values["format"] == "mp3":
        return "mono" if count == 1 else "stereo"  # it knows no other
    if values["format"] == "flac" and count > _MOST_CHANNELS:
        raise BackendError(f"FLAC holds at most {_MOST_CHANNELS} channels and the sound has {count}: choose WAV.")
    return first.layout.name


def _decoded(path: Path) -> Iterator[AudioFrame]:
    """The file's frames with times counted again in samples: some files' own begin late or have gaps."""
    position = 0
    with films.opened(path) as container:
        for frame in decoding.sounds(container):
            frame.pts, frame.time_base = position, Fraction(1, frame.sample_rate)
            position += frame.samples
            yield frame


def _listen(path: Path, chain: list[Filter], done: Callable[[float], None]) -> _Sound:
    with films.opened(path) as container:
        expected = films.seconds(container)
    whole = 0.0

    def counted() -> Iterator[AudioFrame]:
        nonlocal whole
        for frame in _decoded(path):
            whole += frame.samples / frame.sample_rate
            done(min(1.0, whole / expected) if expected else 0.5)
            yield frame

    kept = peak = 0.0
    for frame in filtered(counted(), [*chain, ("aformat", "sample_fmts=flt")]):  # PyAV reads eight planes at most
        kept += frame.samples / frame.sample_rate
        peak = max(peak, float(np.abs(frame.to_ndarray()).max(initial=0.0)))
    return _Sound(whole, kept, peak)


def _check(values: Mapping[str, Any], sound: _Sound) -> None:
    if not values["trim"]:
        return
    start, end = values["trim_start"], values["trim_end"]
    if end is not None and end <= start:
        raise BackendError(f"To ({end:g} s) must come after From ({start:g} s).")
    if end is not None and end > sound.whole + 0.05:  # half of the slider's step: a rounded length is no mistake
        raise BackendError(f"The sound is {sound.whole:.2f} s long: To must be at most that, not {end:g} s.")
    if start >= sound.whole or not sound.kept:
        raise BackendError(f"The sound is {sound.whole:.2f} s long: From must be less than that, not {start:g} s.")


# --- filters ---------------------------------------------------------------------------------------------------------


def _trim(values: Mapping[str, Any]) -> list[Filter]:
    if not values["trim"]:
        return []
    end = "" if values["trim_end"] is None else f":end={values['trim_end']:f}"
    return [("atrim", f"start={values['trim_start']:f}{end}"), ("asetpts", "PTS-STARTPTS")]


def _channels(first: AudioFrame, layout: str) -> list[Filter]:
    """Samples as floats, so that nothing is clipped before the end, in the channels of the result."""
    return [("aformat", "sample_fmts=fltp"), *decoding.mixed(first.layout.name, layout)]


def _tempo(values: Mapping[str, Any], rate: int) -> list[Filter]:
    speed = values["speed"]
    if speed == 1:
        return []
    if not values["keep_pitch"]:
        return [("asetrate", str(round(rate * speed))), ("aresample", str(rate)), ("asetpts", "N/SR/TB")]
    halves = [0.5] if speed < 0.5 else []  # one atempo goes down to a half only
    return [("atempo", f"{part:f}") for part in (*halves, speed / 0.5 if halves else speed)]


def _loudness(values: Mapping[str, Any], sound: _Sound) -> list[Filter]:
    factor = _FACTORS[values["volume"]](values, sound)
    return [] if factor == 1 else [("volume", f"{factor:.9f}:precision=float")]


def _decibels(level: float) -> float:
    return float(10 ** (level / 20))


_FACTORS: Mapping[str, Callable[[Mapping[str, Any], _Sound], float]] = {
    "keep": lambda values, sound: 1.0,
    "gain": lambda values, sound: _decibels(values["gain"]),
    # Silence has no peak to lift.
    "normalize": lambda values, sound: _decibels(values["peak"]) / sound.peak if sound.peak > 1e-6 else 1.0,
}


def _fades(values: Mapping[str, Any], kept: float) -> list[Filter]:
    fades: list[Filter] = []
    if fade := min(values["fade_in"], kept):
        fades.append(("afade", f"t=in:st=0:d={fade:f}"))
    if fade := min(values["fade_out"], kept):
        fades.append(("afade", f"t=out:st={kept - fade:f}:d={fade:f}"))
    return fades


# --- writing ---------------------------------------------------------------------------------------------------------


def _write(
    path: Path, values: Mapping[str, Any], chain: list[Filter], rate: int, sound: _Sound, done: Callable[[float], None]
) -> None:
    codec, samples = _CODECS[values["format"], values.get("bit_depth", 16)]
    if values["format"] == "mp3":
        rate = min(_MP3_RATES, key=lambda known: abs(known - rate))
    chain = [*chain, ("aresample", str(rate)), ("aformat", f"sample_fmts={samples}")]
    with av.open(str(path), "w", container_options={"fflags": "+bitexact"}) as container:
        frames = filtered(_decoded(values["audio"]), chain)
        first = next(frames)
        stream = container.add_stream(codec, rate=rate, layout=first.layout.name, format=samples)
        assert isinstance(stream, AudioStream)
        if "bitrate" in values:
            stream.bit_rate = values["bitrate"] * 1000
        for frame in itertools.chain([first], frames):
            container.mux(stream.encode(frame))
            done(min(1.0, (frame.time or 0.0) / sound.kept))
        container.mux(stream.encode(None))
