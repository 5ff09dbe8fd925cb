"""A C2PA manifest: which software made the file, and that it used a model. It has no prompt."""

from interchange.fields import Fields
from interchange.metadata import Metadata


def read(metadata: Metadata) -> Fields | None:
    found = {key: text for key, text in metadata.texts.items() if key.startswith("c2pa.")}
    if "trainedalgorithmicmedia" not in found.get("c2pa.source", "").lower():
        return None
    maker = found.get("c2pa.agent") or found.get("c2pa.generator") or "C2PA"
    return Fields.of(maker[:80], rest=found)
