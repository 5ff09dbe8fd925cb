"""The kinds of files that every room knows, and what may open them."""

from typing import Literal, get_args

MediaKind = Literal["image", "video", "audio"]

KINDS: tuple[MediaKind, ...] = get_args(MediaKind)

DEMUXERS = "mov,matroska,wav,flac,mp3,ogg"
"""Those of FFmpeg that may open a film or a sound. Playlists are not among them: one that is uploaded would make FFmpeg
open other files of this machine."""
