"""The texts of one file, with those that are JSON objects already parsed."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from interchange.decoding import parse_object

_LABEL = re.compile(r"\s*(prompt|workflow)\s*:\s*(?=\{)", re.IGNORECASE)
_COMMENTS = (
    *("exif.usercomment", "xmp.usercomment", "xmp.parameters", "comment", "exif.imagedescription", "description"),
    *("exif.xpcomment", "xmp.description", "text"),
)


@dataclass(frozen=True)
class Metadata:
    """The `texts` of a file by key, as `interchange.containers.texts` returns them."""

    texts: Mapping[str, str]

    @cached_property
    def objects(self) -> dict[str, dict[str, Any]]:
        """The texts that are JSON objects, by key.

        A text such as `prompt:{…}` has the key before its colon; XMP's prompt and workflow also have their bare names.
        """
        found: dict[str, dict[str, Any]] = {}
        for key, text in self.texts.items():
            label = _LABEL.match(text[:40])
            value = parse_object(text[label.end() :] if label else text)
            if value is not None:
                found.setdefault(label[1].lower() if label else key, value)
        for key in ("prompt", "workflow"):
            if f"xmp.{key}" in found:
                found.setdefault(key, found[f"xmp.{key}"])
        return found

    def text(self, key: str) -> str:
        """The text under this key, empty where there is none."""
        return self.texts.get(key, "")

    def comments(self) -> Iterator[str]:
        """The texts of the comments in which tools write that have no key of their own, likeliest first."""
        yield from (self.texts[key] for key in ("parameters", *_COMMENTS) if key in self.texts)

    def with_key(self, *keys: str) -> dict[str, Any] | None:
        """The first object that has all of these keys."""
        return next((found for found in self.objects.values() if all(key in found for key in keys)), None)
