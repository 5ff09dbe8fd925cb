"""Small real media files for tests: every function writes one to `path` and returns that path.

The suffix of `path` picks the format. Equal arguments give equal pixels and samples; another `seed` gives others.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

_VIDEO_CODECS = {".mp4": "libx264", ".mov": "libx264", ".mkv": "libx264", ".webm": "libvpx-vp9"}
_AUDIO_CODECS = {
    ".wav": "pcm_s16le",
    ".mp3": "libmp3lame",
    ".flac": "flac",
    ".ogg": "libopus",
    ".opus": "libopus",
    ".m4a": "aac",
    ".mp4": "aac",
    ".mov": "aac",
    ".mkv": "aac",
    ".webm": "libopus",
}
_SAMPLE_RATE = 48_000  # the one rate that every codec above takes, libopus included


def picture(size: tuple[int, int] = (64, 48), seed: int = 0, shift: int = 0) -> Image.Image:
    """An RGB picture of slopes and soft noise, its width and height in pixels; `shift` moves it sideways."""
    width, height = size
    x, y = np.meshgrid(np.arange(width) + shift, np.arange(height))
    noise = np.random.default_rng(seed).integers(0, 32, (height, width, 3))
    slopes = np.stack([x * 5 + seed * 37, y * 5 + seed * 11, (x + y) * 3], axis=-1) % 224
    return Image.fromarray((slopes + noise).astype(np.uint8))


def image(path: Path, size: tuple[int, int] = (64, 48), seed: int = 0, **save: Any) -> Path:
    """A still in the format of the suffix; `save` goes to Pillow as it is."""
    picture(size, seed).save(path, **save)
    return path


def png(path: Path, size: tuple[int, int] = (64, 48), seed: int = 0) -> Path:
    """An 8-bit RGB PNG, whatever the suffix says."""
    return image(path, size, seed, format="PNG")


def png16(path: Path, size: tuple[int, int] = (64, 48), seed: int = 0) -> Path:
    """A 16-bit grey PNG: re-encoding it as RGB would lose its low bits."""
    width, height = size
    values = np.random.default_rng(seed).integers(0, 2**16, (height, width), dtype=np.uint16)
    Image.fromarray(values).save(path, format="PNG")
    return path


def png_alpha(path: Path, size: tuple[int, int] = (64, 48), seed: int = 0) -> Path:
    """An RGBA PNG whose fully transparent pixels keep their colours."""
    still = picture(size, seed)
    still.putalpha(Image.linear_gradient("L").resize(size))
    still.save(path, format="PNG")
    return path


def jpeg_exif(path: Path, size: tuple[int, int] = (64, 48), seed: int = 0, orientation: int = 6) -> Path:
    """A JPEG with EXIF; `size` is the stored one, and orientation 6 means that a viewer turns it by 90 degrees."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = "A test picture"
    picture(size, seed).save(path, format="JPEG", exif=exif.tobytes())
    return path


def png_exif(path: Path) -> Path:
    """A PNG that a viewer turns by 90 degrees."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return image(path, exif=exif.tobytes())


def with_profile(path: Path) -> Path:
    """A still with an ICC profile."""
    return image(path, icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())


def jpeg_cmyk(path: Path) -> Path:
    """A JPEG for print: four inks in place of three colours."""
    picture().convert("CMYK").save(path, format="JPEG")
    return path


def animation(path: Path, size: tuple[int, int] = (64, 48), seed: int = 0, frames: int = 4) -> Path:
    """An animated GIF, WebP or PNG of frames that all differ (equal ones would be collapsed)."""
    stills = [picture(size, seed, shift=4 * index) for index in range(frames)]
    stills[0].save(path, save_all=True, append_images=stills[1:], duration=80, loop=0)
    return path


def video(
    path: Path,
    seconds: float = 1.0,
    size: tuple[int, int] = (64, 48),
    fps: int = 12,
    seed: int = 0,
    sound: bool = False,
    options: dict[str, str] | None = None,
    tags: dict[str, str] | None = None,
    key_frames: int | None = None,
) -> Path:
    """A moving picture, with a tone when `sound`; width and height must be even (yuv420p).

    One in `key_frames` pictures can be decoded without others.
    """
    frames = max(1, round(seconds * fps))
    with av.open(str(path), "w", options=options or {}) as container:
        container.metadata.update(tags or {})
        stream = container.add_stream(_VIDEO_CODECS[path.suffix], rate=fps)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        if key_frames is not None:
            stream.codec_context.gop_size = key_frames
        voice = _add_audio(container, path.suffix) if sound else None
        for index in range(frames):
            pixels = np.asarray(picture(size, seed, shift=3 * index))
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode(None))
        if voice is not None:
            _write_tone(container, voice, frames / fps, seed)
    return path


def audio(path: Path, seconds: float = 0.5, seed: int = 0, tags: dict[str, str] | None = None) -> Path:
    """A stereo tone that swells; `seed` picks its pitch."""
    with av.open(str(path), "w") as container:
        container.metadata.update(tags or {})
        _write_tone(container, _add_audio(container, path.suffix), seconds, seed)
    return path


def recording(path: Path) -> Path:
    """A WebM as a browser records it: neither it nor its clusters say how long they are."""
    with av.open(str(path), "w", options={"live": "1"}) as container:
        stream = container.add_stream("libvpx", rate=12)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for index in range(12):
            frame = av.VideoFrame.from_ndarray(np.asarray(picture(shift=3 * index)), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def wav_that_says(path: Path, whole: int | None, samples: int | None, seconds: float = 0.5) -> Path:
    """A WAV with these lengths in its head, of the file behind its eighth byte and of its samples; `None` is right."""
    content = bytearray(audio(path, seconds).read_bytes())
    for start, length in ((4, whole), (content.index(b"data") + 4, samples)):
        if length is not None:
            content[start : start + 4] = length.to_bytes(4, "little")
    path.write_bytes(content)
    return path


def film_of_tracks(path: Path, sounds: Sequence[float], late: int = 0) -> Path:
    """A film of 2 seconds whose times begin at `late` seconds, with a sound of each of these lengths."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(_VIDEO_CODECS[path.suffix], rate=12)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 12)
        voices = [_add_audio(container, path.suffix) for _ in sounds]
        for number in range(24):
            frame = av.VideoFrame.from_ndarray(np.asarray(picture(shift=3 * number)), format="rgb24")
            frame.pts, frame.time_base = 12 * late + number, Fraction(1, 12)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        for voice, seconds in zip(voices, sounds, strict=True):
            for sound in _frames(tone(seconds)):
                sound.pts = (sound.pts or 0) + late * _SAMPLE_RATE
                container.mux(voice.encode(sound))
            container.mux(voice.encode(None))
    return path


def wav_of_no_size(path: Path) -> Path:
    """A WAV that a program wrote into a pipe: it could not go back to say how long it became."""
    content = bytearray(audio(path).read_bytes())
    start = content.index(b"data") + 4
    content[4:8] = content[start : start + 4] = b"\xff" * 4
    path.write_bytes(content)
    return path


def channels(path: Path, count: int, layout: str = "", seconds: float = 0.3, rate: int = 16_000) -> Path:
    """A sound each of whose channels is higher than the one before by 100 Hz, from 300 Hz on.

    Without a layout the file says no more than how many channels there are. MOV and MKV hold plain samples, OGA a FLAC.
    """
    codec = {".mov": "pcm_s16le", ".mkv": "pcm_s16le", ".oga": "flac"}.get(path.suffix) or _AUDIO_CODECS[path.suffix]
    layout = layout or f"{count} channels"
    moments = np.arange(round(seconds * rate)) / rate
    waves = np.stack([np.sin(2 * np.pi * (300 + 100 * number) * moments) for number in range(count)], axis=1)
    samples = (waves * 16_000).astype(np.int16)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate, layout=layout)
        for start in range(0, len(samples), 1024):
            part = np.ascontiguousarray(samples[start : start + 1024]).reshape(1, -1)  # PyAV reads eight planes at most
            frame = av.AudioFrame.from_ndarray(part, format="s16", layout=layout)
            frame.sample_rate, frame.pts, frame.time_base = rate, start, Fraction(1, rate)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def channels_in_an_order_of_their_own(path: Path) -> Path:
    """A MOV of four channels that says: centre, left, right, back."""
    content = bytearray(channels(path, 4, "FL+FR+TFL+TBL").read_bytes())
    place = content.index(b"chan") + 8
    content[place : place + 8] = (116 << 16 | 4).to_bytes(4) + bytes(4)  # the MOV's name for that order
    path.write_bytes(content)
    return path


def joined(path: Path, *parts: Path) -> Path:
    """Files of sound one behind the other, with their heads and tags, as people join MP3s."""
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    return path


def damaged(path: Path, kind: str, numbers: Sequence[int]) -> Path:
    """Overwrite these packets of the film or sound at `path`, of its `video` or `audio`, with noise."""
    content = bytearray(path.read_bytes())
    with av.open(str(path)) as container:
        packets = [packet for packet in container.demux() if packet.size and packet.stream.type == kind]
    for number in numbers:
        start, size = packets[number].pos, packets[number].size
        assert start is not None
        content[start : start + size] = np.random.default_rng(number).bytes(size)
    path.write_bytes(content)
    return path


def damaged_still(path: Path, size: tuple[int, int] = (320, 240)) -> Path:
    """A PNG or JPEG that cannot be decoded below its middle."""
    content = bytearray(image(path, size).read_bytes())
    middle = len(content) // 2
    noise = b"\xff" * 40 if path.suffix == ".png" else b"\xff\xc4\0\4\0\0"  # which is no table of codes
    content[middle : middle + len(noise)] = noise
    path.write_bytes(content)
    return path


def silence(path: Path, seconds: int) -> Path:
    """As many seconds of nothing, at a low rate so that they are soon written."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(_AUDIO_CODECS[path.suffix], rate=8_000)
        assert isinstance(stream, av.AudioStream)
        stream.layout = "mono"
        for start in range(0, seconds, 10):
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 80_000), np.int16), format="s16", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = 8_000, start * 8_000, Fraction(1, 8_000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def tone(seconds: float = 0.5, seed: int = 0) -> NDArray[np.float32]:
    """The samples of `audio`, -1..1 as (channel, sample), at 48 kHz."""
    time = np.arange(round(seconds * _SAMPLE_RATE)) / _SAMPLE_RATE
    pitch = 220.0 * 2 ** ((seed % 24) / 12)
    left = 0.5 * np.sin(2 * np.pi * pitch * time) * np.linspace(0.2, 1.0, len(time))
    return np.stack([left, left[::-1]]).astype(np.float32)


def _add_audio(container: av.container.OutputContainer, suffix: str) -> av.AudioStream:
    stream = container.add_stream(_AUDIO_CODECS[suffix], rate=_SAMPLE_RATE)
    assert isinstance(stream, av.AudioStream)
    stream.layout = "stereo"
    return stream


def _write_tone(container: av.container.OutputContainer, stream: av.AudioStream, seconds: float, seed: int) -> None:
    for frame in _frames(tone(seconds, seed)):
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


def _frames(samples: NDArray[np.float32], length: int = 1024) -> Iterator[av.AudioFrame]:
    for start in range(0, samples.shape[1], length):
        chunk = np.ascontiguousarray(samples[:, start : start + length])
        frame = av.AudioFrame.from_ndarray(chunk, format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = _SAMPLE_RATE, start, Fraction(1, _SAMPLE_RATE)
        yield frame
