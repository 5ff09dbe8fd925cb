"""A C2PA manifest: which software made the file, and that it used a model. It has no prompt."""

from interchange.fields import Fields
from interchange.metadata import Metadata


def read(metadata: Metadata) -> Fields | None:
    """The tool alone, as the manifest names it; None unless its source type says that a model made the file."""
    found = {key: text for key, text in metadata.texts.items() if key.startswith("c2pa.")}
    if "trainedalgorithmicmedia" not in found.get("c2pa.source", "").lower():
        return None
    tool = found.get("c2pa.agent") or found.get("c2pa.generator") or "C2PA"
    return Fields.of(tool[:80], rest=found)
