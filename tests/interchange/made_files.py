"""Files as other tools write them, made of the texts that a test gives."""

import io
import json
import struct
import wave
import zlib
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any
from urllib.parse import quote

import av
import numpy as np
from PIL import Image, PngImagePlugin

USER_COMMENT, EXIF = 0x9286, 0x8769


def png(texts: Mapping[str, str], size: tuple[int, int] = (8, 8), mode: str = "RGB", **save: Any) -> bytes:
    """A PNG with tEXt chunks, or iTXt for what is not Latin-1, as Pillow writes them."""
    info = PngImagePlugin.PngInfo()
    for key, text in texts.items():
        info.add_text(key, text)
    return saved("PNG", size, mode, pnginfo=info, **save)


def saved(kind: str, size: tuple[int, int] = (8, 8), mode: str = "RGB", **save: Any) -> bytes:
    file = io.BytesIO()
    Image.new(mode, size, (40, 90, 160, 255)[: len(mode)]).save(file, kind, **save)
    return file.getvalue()


def chunk(kind: bytes, body: bytes, crc: int | None = None) -> bytes:
    return (
        struct.pack(">I4s", len(body), kind) + body + struct.pack(">I", zlib.crc32(kind + body) if crc is None else crc)
    )


def png_with(*chunks: bytes, behind: bool = False) -> bytes:
    """A PNG with these chunks behind its header, or behind its picture."""
    bare = saved("PNG")
    at = bare.index(b"IEND") - 4 if behind else bare.index(b"IDAT") - 4
    return bare[:at] + b"".join(chunks) + bare[at:]


def tiff(entries: Mapping[int, bytes | str], exif: Mapping[int, bytes] | None = None, order: str = "<") -> bytes:
    """A TIFF of texts: ASCII where a value is a text, undefined where it is bytes; `exif` is the directory of EXIF."""
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}I", 8)
    listed: dict[int, bytes | str | None] = dict(entries) | ({EXIF: None} if exif is not None else {})
    first = _directory(listed, 8, order, b"")
    inner = _directory(dict(exif or {}), 8 + len(first), order, b"") if exif is not None else b""
    pointer = struct.pack(f"{order}I", 8 + len(first))
    return head + _directory(listed, 8, order, pointer) + inner


def _directory(entries: Mapping[int, bytes | str | None], at: int, order: str, pointer: bytes) -> bytes:
    rows, data = b"", b""
    place = at + 2 + 12 * len(entries) + 4
    for tag, value in sorted(entries.items()):
        if value is None:
            rows += struct.pack(f"{order}HHI", tag, 4, 1) + pointer.ljust(4, b"\0")
            continue
        raw = value.encode() + b"\0" if isinstance(value, str) else value
        kind = 2 if isinstance(value, str) else 7
        where = raw.ljust(4, b"\0") if len(raw) <= 4 else struct.pack(f"{order}I", place + len(data))
        rows += struct.pack(f"{order}HHI", tag, kind, len(raw)) + where
        data += raw if len(raw) > 4 else b""
    return struct.pack(f"{order}H", len(entries)) + rows + bytes(4) + data


def with_exif(kind: str, body: bytes, **save: Any) -> bytes:
    """A picture of this kind with a TIFF as its EXIF."""
    return saved(kind, exif=b"Exif\0\0" + body, **save)


def user_comment(text: str, encoding: str = "utf-16-be", code: bytes = b"UNICODE\0", order: str = "<") -> bytes:
    return tiff({}, {USER_COMMENT: code + text.encode(encoding)}, order)


def xmp(properties: Mapping[str, str], as_elements: bool = False) -> str:
    """An XMP packet, its properties as attributes or as lists of one."""
    spaces = 'xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:exif="http://ns.adobe.com/exif/1.0/"'
    spaces += ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
    escaped = {key: _escaped(text) for key, text in properties.items()}
    if as_elements:
        inner = "".join(
            f'<{key}><rdf:Alt><rdf:li xml:lang="x-default">{text}</rdf:li></rdf:Alt></{key}>'
            for key, text in escaped.items()
        )
        body = f"<rdf:Description>{inner}</rdf:Description>"
    else:
        body = "<rdf:Description {}/>".format(" ".join(f'{key}="{text}"' for key, text in escaped.items()))
    packet = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF {spaces}>{body}</rdf:RDF></x:xmpmeta>'
    return f'<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>{packet}<?xpacket end="w"?>'


def _escaped(text: str) -> str:
    for plain, entity in (("&", "&amp;"), ("<", "&lt;"), ('"', "&quot;"), ("\n", "&#xA;")):
        text = text.replace(plain, entity)
    return text


def film(kind: str, tags: Mapping[str, str], **options: str) -> bytes:
    """A film of a few frames with tags, as FFmpeg writes them: `mp4`, `mov`, `webm` or `matroska`."""
    codec = "libvpx-vp9" if kind == "webm" else "libx264"
    with NamedTemporaryFile() as file, av.open(file.name, "w", format=kind, options=options) as container:
        container.metadata.update(tags)
        stream = container.add_stream(codec, rate=8)
        stream.width, stream.height, stream.pix_fmt = 32, 32, "yuv420p"
        for at in range(3):
            picture = np.full((32, 32, 3), at * 60, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture)))
        container.mux(stream.encode())
        container.close()
        return Path(file.name).read_bytes()


def sound(kind: str, tags: Mapping[str, str]) -> bytes:
    """A quarter of a second of a tone with tags: `flac`, `ogg` (Opus) or `mp3`."""
    file = io.BytesIO()
    codec = {"flac": "flac", "ogg": "libopus", "mp3": "libmp3lame"}[kind]
    with av.open(file, "w", format=kind) as container:
        container.metadata.update(tags)
        stream = container.add_stream(codec, rate=48_000)
        tone = (np.sin(np.arange(12_000) / 20) * 8_000).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(tone[None], format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = 48_000, 0, Fraction(1, 48_000)
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return file.getvalue()


def wav() -> bytes:
    """A hundredth of a second of silence."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8_000)
        sound.writeframes(bytes(160))
    return file.getvalue()


def fooocus_log(pictures: Mapping[str, Mapping[str, str]]) -> str:
    """The log that Fooocus writes beside these pictures, with their settings by its labels."""
    parts = (
        f'<div id="{name.replace(".", "_")}" class="image-container"><hr><table><tr>\n<td><a href="{name}"></a></td>'
        f"<button onclick=\"to_clipboard('{quote(json.dumps(settings, indent=0), safe='')}')\">Copy</button></div>"
        for name, settings in pictures.items()
    )
    return f"<!DOCTYPE html><html><body><!--fooocus-log-split-->{''.join(parts)}<!--fooocus-log-split--></body></html>"


def stealth(
    text: str, mark: bytes, packed: bool, channels: int, size: tuple[int, int] = (64, 64), noise: int = 0
) -> bytes:
    """A PNG whose lowest bits say `text`, column by column, in its alpha for one channel, in its colours for three.

    It is cut where the picture ends. The other bits are noise of this seed, or the same everywhere for 0.
    """
    body = text.encode()
    if packed:
        packer = zlib.compressobj(wbits=31)
        body = packer.compress(body) + packer.flush()
    bits = np.unpackbits(np.frombuffer(mark + struct.pack(">I", len(body) * 8) + body, np.uint8))
    pixels = np.full((size[0], size[1], 4), 254, np.uint8)  # x, y, channel
    if noise:
        pixels = np.random.default_rng(noise).integers(0, 128, pixels.shape, np.uint8) * 2
    wanted = pixels[:, :, 3:] if channels == 1 else pixels[:, :, :3]
    values = wanted.reshape(-1).copy()
    bits = bits[: len(values)]
    values[: len(bits)] |= bits
    wanted[...] = values.reshape(wanted.shape)
    file = io.BytesIO()
    Image.fromarray(pixels.transpose(1, 0, 2)).save(file, "PNG")
    return file.getvalue()


def dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
