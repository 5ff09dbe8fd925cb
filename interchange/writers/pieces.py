"""What every writer yields and raises."""

from mmap import mmap

Content = bytes | mmap
Piece = bytes | tuple[int, int]
"""New bytes, or a range of the old file: its first byte and the one after its last."""


class WriteError(Exception):
    """The file cannot carry a record; the message says why."""
