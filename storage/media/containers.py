"""Finds where a file ends by its own structure: anything behind is no part of the image, video or sound.

This refuses polyglots, such as a picture with an archive or a page behind it. Metadata inside the file, such as
comments, prompts or EXIF, are the user's own and stay: nothing that is served is ever run.
"""

import os
import re
import struct
from collections.abc import Callable
from typing import BinaryIO

from storage.errors import MediaRefusedError

_MORE = "There is something behind the end of the {}, which is no part of it: open the file and save it again."
_CUT = "The file is damaged or incomplete."
_CHUNK = 2**20
_MOST_READS = 4_000_000  # a day of MP3 has that many frames; more are a trick


class _CutError(Exception):
    """The file ends before its structure does."""


class _Reader:
    """`read(at, length)` gives exactly so many bytes, and leaves the file's position alone."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file.fileno()
        self._reads = 0
        self.size = os.fstat(self._file).st_size

    def __call__(self, at: int, length: int) -> bytes:
        found = self.some(at, length)
        if len(found) < length:
            raise _CutError
        return found

    def some(self, at: int, length: int) -> bytes:
        """The same, or fewer bytes at the end of the file."""
        self._reads += 1
        if self._reads > _MOST_READS:
            raise MediaRefusedError("The file has too many parts.")
        return os.pread(self._file, length, at)


def check_end(file: BinaryIO, kind: str, extension: str) -> None:
    """Raise `MediaRefusedError` when the file is cut or has anything but zeros, which fill up a block, behind its end.

    TIFF, and a WAV that was streamed, do not say where they end and pass. FLAC is `check_flac`'s.
    """
    read = _Reader(file)
    try:
        end = _END_OF[extension](read) if extension in _END_OF else read.size
        if end < read.size and _past(read, end, b"\0") < read.size:
            raise MediaRefusedError(_MORE.format({"image": "picture", "audio": "sound"}.get(kind, kind)))
    except _CutError as error:
        raise MediaRefusedError(_CUT) from error
    if end > read.size:
        raise MediaRefusedError(_CUT)


def declared_size(file: BinaryIO) -> tuple[int, int]:
    """The width and height to which a GIF grows, or that a PNG says it has; 0 × 0 of other files.

    Pillow makes room for frames of these two before it tells how large they are.
    """
    read = _Reader(file)
    if read.some(0, 4) == b"GIF8":
        return _gif(read)[1:]
    if read.some(0, 8) == b"\x89PNG\r\n\x1a\n":
        _png(read)
        return int.from_bytes(read(16, 4)), int.from_bytes(read(20, 4))
    return 0, 0


def check_flac(file: BinaryIO, at: int) -> None:
    """The last frame, at `at`, ends in a checksum: with anything but zeros or a tag behind it, it is wrong."""
    rest = _Reader(file).some(at, _LARGEST_FLAC_FRAME + 1)
    if rest[-_TAG : 3 - _TAG] == b"TAG":
        rest = rest[:-_TAG]
    if len(rest) > _LARGEST_FLAC_FRAME or _crc16(rest) != 0:
        raise MediaRefusedError("The sound is damaged, or there is something behind its end: save it again.")


def _past(read: _Reader, at: int, filling: bytes) -> int:
    """The first place from `at` on with any other byte."""
    while found := read.some(at, _CHUNK):
        rest = found.lstrip(filling)
        at += len(found) - len(rest)
        if rest:
            break
    return at


def _png(read: _Reader) -> int:
    at, kind = 8, b""
    while kind != b"IEND":
        head = read(at, 8)
        kind = head[4:]
        if (kind == b"IHDR") != (at == 8):  # a second one would change the size while the frames are decoded
            raise _CutError
        at += 12 + int.from_bytes(head[:4])
    return at


def _gif(read: _Reader) -> tuple[int, int, int]:
    """Where it ends, and the width and height to which its frames make it grow."""
    width, height = struct.unpack("<2H", read(6, 4))
    at, comments = 13 + _colours(read(10, 1)[0]), 0
    while (introducer := read(at, 1)) != b";":
        start, label, parts = at, read(at + 1, 1), 0
        if introducer == b",":
            left, top, across, down, flags = struct.unpack("<4HB", read(at + 1, 9))
            width, height = max(width, left + across), max(height, top + down)
            at += 11 + _colours(flags)
        elif introducer == b"!":
            at += 2
        else:
            raise _CutError
        while length := read(at, 1)[0]:
            at += 1 + length
            parts += 1
        at += 1
        # Of an extension that is cut short, Pillow takes what follows for the rest, and sees other frames than these.
        if introducer == b"!" and parts < _LEAST_PARTS.get(label, 1):
            raise _CutError
        comments += at - start if introducer + label == b"!\xfe" else 0
        if comments > _CHUNK:  # for thrice as long a one Pillow takes ten times as long
            raise MediaRefusedError("The picture has comments of more than a megabyte: save it without them.")
    return at + 1, width, height


_LEAST_PARTS = {b"\xfe": 0, b"\xff": 2}  # a comment may be empty; an application has its name and its data


def _colours(flags: int) -> int:
    """Bytes of a GIF's table of colours."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _jpeg(read: _Reader) -> int:
    """A camera's JPEG may hold more: a second picture, the film of a moving photo, Samsung's own records."""
    at, following = 0, _one_jpeg(read, 0)
    while following > at:
        at, following = following, _picture_or_film(read, following)
    filled = _past(read, at, _FILLING) >= read.size
    return read.size if at < read.size and (filled or _is_samsungs(read, at)) else at


_FILLING = b"\0\xff"


def _picture_or_film(read: _Reader, at: int) -> int:
    """Behind the picture or film that begins at `at` or behind some filling; `at` itself when there is none."""
    following = _past(read, at, _FILLING)
    if following > at and read.some(following - 1, 2) == b"\xff\xd8":
        return _one_jpeg(read, following - 1)
    start = max(at, following - 4)  # a film begins with its length, of which the filling may have taken a part
    film = read.some(start, 12).find(b"ftyp") - 4
    return _boxes(read, start + film) if film >= 0 else at


_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]", re.DOTALL)  # never in a picture's data


def _one_jpeg(read: _Reader, at: int) -> int:
    at += 2
    while (found := _next(read, at, _MARKER)) is not None:
        at = found + 2
        if (marker := read(at - 1, 1)) == b"\xd9":
            return at
        if marker != b"\x01":
            at += int.from_bytes(read(at, 2))
    raise _CutError


def _is_samsungs(read: _Reader, at: int) -> bool:
    """Whether all from `at` on are the records that Samsung's phones write behind a picture, with their directory."""
    tail = read.some(read.size - 8, 8)
    length = int.from_bytes(tail[:4], "little")
    start = read.size - 8 - length
    if tail[4:] != b"SEFT" or start < at or length > _CHUNK:
        return False
    directory = read.some(start, length)
    back = [int.from_bytes(directory[place + 4 : place + 8], "little") for place in range(12, length - 11, 12)]
    return directory[:4] == b"SEFH" and _past(read, at, b"\0") >= start - max(back, default=0) >= at


def _riff(read: _Reader) -> int:
    """An odd length has a byte that makes it even, which not all programs write."""
    size = 8 + int.from_bytes(read(4, 4), "little")
    return size + size % 2 if size != read.size else size


_LONGEST_WAV = 2**30  # bytes of samples; a program that writes into a pipe says more for "until the end"


def wav_says_its_end(file: BinaryIO) -> bool:
    """Whether a WAV has a length that it can have: one that was streamed, or never finished, has another or none."""
    return _wav_samples(_Reader(file)) is not None


def _wav(read: _Reader) -> int:
    """Some programs count too much in the head, but not the samples."""
    stop = _wav_samples(read)
    if stop is None or read(4, 4) in (bytes(4), b"\xff" * 4):
        return max(stop or 0, read.size)
    return max(stop, min(_riff(read), read.size))


def _wav_samples(read: _Reader) -> int | None:
    """Where the samples end; `None` when that is left open."""
    at, name = 12, b""
    while name != b"data":
        head = read(at, 8)
        name, length = head[:4], int.from_bytes(head[4:], "little")
        at += 8 + length + length % 2 * (name != b"data")
    return None if length == 0 or (at > read.size and length > _LONGEST_WAV) else at


def _bmp(read: _Reader) -> int:
    """Not all programs write how large the file is: its rows count too, where they are not compressed."""
    size, start = (int.from_bytes(read(at, 4), "little") for at in (2, 10))
    if read(14, 4) == b"\x0c\0\0\0":
        return size
    width, height = (abs(int.from_bytes(read(at, 4), "little", signed=True)) for at in (18, 22))
    row = (width * int.from_bytes(read(28, 2), "little") + 31) // 32 * 4
    return max(size, start + row * height) if read(30, 1)[0] in (0, 3) else size


_BOXES = (b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"uuid", b"moof", b"mfra", b"sidx", b"styp", b"meta")
_BOX_NAME = re.compile(rb"[ -~\xa9]{4}")


def _boxes(read: _Reader, at: int = 0) -> int:
    """What MP4, MOV and AVIF are made of, on the outermost level."""
    while at < read.size:
        head = read.some(at, 16)
        length, name = int.from_bytes(head[:4]), head[4:8]
        if length == 1:
            length = int.from_bytes(head[8:])
        elif length == 0 and name in _BOXES:
            length = read.size - at
        known = name in _BOXES
        if length < 8 or not _BOX_NAME.fullmatch(name) or (at + length > read.size and not known):
            return at
        at += length
    return at


_PARENTS = (
    *(b"moov", b"trak", b"mdia", b"minf", b"stbl", b"moof", b"traf", b"edts", b"udta"),
    *(b"dinf", b"mvex", b"wave", b"tapt", b"mfra", b"sinf", b"schi", b"strk", b"gmhd"),
)
_COUNTS = {b"stsz": 16, b"stz2": 16, b"trun": 12}  # how far behind the beginning of the box the count is


def declared_frames(file: BinaryIO) -> int:
    """How many frames an MP4 or MOV says that it has; 0 for other files.

    FFmpeg makes room for all of them before it looks whether they are there, more than 60 bytes for each.
    """
    read = _Reader(file)
    return _frames_in(read, 0, read.size)


def _frames_in(read: _Reader, at: int, stop: int) -> int:
    frames = 0
    while at + 8 <= stop:
        head = read.some(at, 20)
        length, name, inner = int.from_bytes(head[:4]), head[4:8], at + 8
        if length == 1:
            length, inner = int.from_bytes(head[8:16]), at + 16
        end = at + length if length >= 8 else stop
        if name == b"cmov":
            raise MediaRefusedError("Its index is compressed, as was done long ago: save it again.")
        if name in _PARENTS:
            frames += _frames_in(read, inner, min(end, stop))
        elif place := _COUNTS.get(name):
            frames += int.from_bytes(read.some(inner - 8 + place, 4))
        at = end
    return frames


_SEGMENT_OF_ANY_LENGTH = frozenset(bytes.fromhex(one) for one in ("18538067", "1f43b675"))
_ELEMENTS = _SEGMENT_OF_ANY_LENGTH | {
    bytes.fromhex(one)
    for one in (
        *("1a45dfa3", "114d9b74", "1549a966", "1654ae6b", "1c53bb6b", "1941a469", "1043a770", "1254c367", "ec", "bf"),
        *("e7", "5854", "a7", "ab", "a0", "a3", "af"),  # in a cluster
    )
}


def matroska_is_sized(file: BinaryIO) -> bool:
    """Whether it says how many bytes it has, as all do that were finished: then a cut one is known by that."""
    read = _Reader(file)
    segment = read.some(0, 4096).find(bytes.fromhex("18538067"))
    head = read.some(segment + 4, 8)
    return segment > 0 and not (head[:1] == b"\xff" or head == b"\x01" + b"\xff" * 7)


def _matroska(read: _Reader) -> int:
    """A browser's own recordings leave open how long the whole and its clusters are: then what they hold is walked."""
    at = 0
    while at < read.size:
        head = read.some(at, 12)
        name = head[: 9 - head[0].bit_length()]
        if name not in _ELEMENTS or len(head) <= len(name):
            return at
        first = head[len(name)]
        width = 9 - first.bit_length()
        bits = int.from_bytes(head[len(name) : len(name) + width]) & (1 << 7 * width) - 1
        at += len(name) + width
        if bits != (1 << 7 * width) - 1:
            at += bits
        elif name not in _SEGMENT_OF_ANY_LENGTH:
            raise _CutError
    return at


def _ogg(read: _Reader) -> int:
    """A row of pages; what lies between two of them may be damaged."""
    at = 0
    while _is_ogg_page(read, at):
        count = read(at + 26, 1)[0]
        end = at + 27 + count + sum(read(at + 27, count))
        following = end if _is_ogg_page(read, end) or end == read.size else _next(read, at + 1, _OGG, _is_ogg_page)
        if following is None:
            return end
        at = following
    return at


_OGG = re.compile(b"OggS")


def _is_ogg_page(read: _Reader, at: int) -> bool:
    return read.some(at, 5) == b"OggS\0"


_TAG = 128  # bytes of an MP3's oldest kind of tag
_LARGEST_FLAC_FRAME = 2**21
_KBITS = {
    (3, 3): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (3, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (3, 1): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 3): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}


def _mp3(read: _Reader) -> int:
    """A row of frames and tags; the last frame may be cut short, and what lies between two of them be damaged."""
    at = 0
    while at < read.size:
        length = _mp3_frame(read.some(at, 4)) or _tag(read, at)
        following = at + length if length else _next(read, at, _MP3, _are_mp3_frames) if at else None
        if following is None:
            break
        at = min(following, read.size)
    return at


_MP3 = re.compile(rb"\xff[\xe0-\xff]")


def _are_mp3_frames(read: _Reader, at: int) -> bool:
    """Whether three frames in a row begin here, or the last ones."""
    for _ in range(3):
        length = _mp3_frame(read.some(at, 4))
        if not length:
            return False
        at += length
        if at == read.size or _tag(read, at):
            break
    return at <= read.size


def _next(
    read: _Reader, at: int, mark: re.Pattern[bytes], is_one: Callable[[_Reader, int], bool] = lambda *_: True
) -> int | None:
    """The first place from `at` on where the mark is found and begins a part."""
    while found := read.some(at, _CHUNK):
        for one in mark.finditer(found):
            if is_one(read, at + one.start()):
                return at + one.start()
        at += max(1, len(found) - 3)
    return None


def _mp3_frame(head: bytes) -> int:
    """Bytes of the frame with this head, 0 when it is none."""
    if len(head) < 4 or head[0] != 0xFF or head[1] < 0xE0:
        return 0
    version, layer, bits, rate = head[1] >> 3 & 3, head[1] >> 1 & 3, head[2] >> 4, head[2] >> 2 & 3
    if version == 1 or layer == 0 or bits in (0, 15) or rate == 3:
        return 0
    kbits = _KBITS[(3, layer) if version == 3 else (2, max(layer, 2))][bits - 1]
    hertz = (44_100, 48_000, 32_000)[rate] >> {3: 0, 2: 1, 0: 2}[version]
    padding = head[2] >> 1 & 1
    if layer == 3:
        return (12_000 * kbits // hertz + padding) * 4
    return (144_000 if version == 3 or layer == 2 else 72_000) * kbits // hertz + padding


def _tag(read: _Reader, at: int) -> int:
    """Bytes of the ID3, APE or old tag that begins here, 0 when there is none."""
    head = read.some(at, 32)
    if head[:3] == b"ID3" and len(head) >= 10:
        size = sum((byte & 0x7F) << 7 * place for place, byte in enumerate(reversed(head[6:10])))
        return 10 + size + (10 if head[5] & 0x10 else 0)
    if head[:8] == b"APETAGEX" and len(head) == 32:
        return int.from_bytes(head[12:16], "little") + (32 if head[23] & 0x20 else 0)
    return _TAG if head[:3] == b"TAG" and at + _TAG >= read.size else 0


def _crc16(frame: bytes) -> int:
    """As FLAC has it: 0 for a frame that ends in its own checksum."""
    crc = 0
    for byte in frame:
        crc = (crc << 8 & 0xFFFF) ^ _CRC16[crc >> 8 ^ byte]
    return crc


def _crc16_of(byte: int) -> int:
    crc = byte << 8
    for _ in range(8):
        crc = (crc << 1 ^ 0x8005 if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc


_CRC16 = tuple(map(_crc16_of, range(256)))

_END_OF: dict[str, Callable[[_Reader], int]] = {
    "png": _png,
    "gif": lambda read: _gif(read)[0],
    "jpg": _jpeg,
    "webp": _riff,
    "bmp": _bmp,
    "wav": _wav,
    **dict.fromkeys(("avif", "mp4", "mov", "m4a"), _boxes),
    **dict.fromkeys(("webm", "mkv", "weba", "mka"), _matroska),
    "ogg": _ogg,
    "mp3": _mp3,
}
