"""What the page must know of files that may become jobs."""

from typing import Any

from interchange import fooocus_log
from interchange.read import SIDECAR_SUFFIXES
from storage.media.formats import EXTENSIONS

MAX_SIDECAR = 1_000_000
"""Characters of a sidecar that an endpoint takes, and bytes of one that the page sends."""

IMPORTABLE: dict[str, Any] = {
    "extensions": sorted(EXTENSIONS),
    "sidecars": list(SIDECAR_SUFFIXES),
    "maxSidecar": MAX_SIDECAR,
    "log": fooocus_log.NAME,
    "maxLog": fooocus_log.MAX_BYTES,
}
"""Extensions of results, suffixes of sidecars in place of those, and the name of Fooocus' log; sizes in bytes."""
