"""Ogg: copied packet by packet with FFmpeg, the record among the tags."""

import hashlib
from pathlib import Path

import av
from av.error import FFmpegError

from interchange.writers.job_metadata import JobMetadata
from interchange.writers.pieces import WriteError

_OPTIONS = {"format_whitelist": "ogg"}
_BIT_EXACT = {"fflags": "+bitexact"}
"""Reproducible output: no random serial number, and no version of FFmpeg."""


def write(source: Path, target: Path, metadata: JobMetadata) -> None:
    """Write the copy. Raises WriteError where a packet of it differs from the old file's."""
    try:
        _copy(source, target, metadata)
        if _packets(source) != _packets(target):
            raise WriteError("The streams cannot be copied as they are.")
    except (FFmpegError, ValueError) as error:
        raise WriteError(f"The file is damaged, or of a kind that cannot be copied: {error}") from error


def _copy(source: Path, target: Path, metadata: JobMetadata) -> None:
    with source.open("rb") as file, av.open(file, "r", options=_OPTIONS, metadata_errors="replace") as old:
        streams = list(old.streams)
        with av.open(str(target), "w", format="ogg", options=_BIT_EXACT) as new:
            if metadata:
                new.metadata.update(metadata.tags)
            copies = {stream.index: new.add_stream_from_template(stream) for stream in streams}
            for packet in old.demux(streams):
                if packet.size:  # the last of each stream is empty
                    packet.stream = copies[packet.stream.index]
                    new.mux(packet)


def _packets(path: Path) -> dict[int, tuple[int, str]]:
    """The number of packets of each stream, and a hash of them and of their times."""
    hashes: dict[int, hashlib._Hash] = {}
    counts: dict[int, int] = {}
    with path.open("rb") as file, av.open(file, "r", options=_OPTIONS, metadata_errors="replace") as container:
        for packet in container.demux():
            if packet.size:
                index = packet.stream.index
                digest = hashes.setdefault(index, hashlib.sha256())
                digest.update(f"{packet.pts} {packet.time_base} {packet.is_keyframe} ".encode())
                digest.update(bytes(packet))
                counts[index] = counts.get(index, 0) + 1
    return {index: (counts[index], digest.hexdigest()) for index, digest in hashes.items()}
