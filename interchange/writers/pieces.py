"""What all writers give and raise."""

from mmap import mmap

Content = bytes | mmap
Piece = bytes | tuple[int, int]
"""New bytes, or from where up to where the old file goes on."""


class WriteError(Exception):
    """A file that cannot carry a record, and why."""
