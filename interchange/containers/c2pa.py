"""C2PA: which software signed a file, and whether a model made it. A manifest never has a prompt.

The claim is CBOR, which is not parsed: the few texts of interest are read right after their keys. Signatures are not
verified.
"""

from collections.abc import Iterator

from interchange.decoding import decode

_KEYS = {
    b"digitalSourceType": "c2pa.source",
    b"softwareAgent": "c2pa.agent",
    b"claim_generator": "c2pa.generator",
}


def texts(manifest: bytes) -> Iterator[tuple[str, str]]:
    """Of each of the three keys the first text, under `c2pa.source`, `c2pa.agent` and `c2pa.generator`."""
    for key, name in _KEYS.items():
        at = manifest.find(key)
        while at >= 0:
            if text := _cbor_text(manifest, at + len(key)):
                yield name, text
                break
            at = manifest.find(key, at + 1)


def _cbor_text(manifest: bytes, at: int) -> str:
    """The CBOR text at this offset, or the `name` of the map there."""
    head = manifest[at : at + 1]
    if not head:
        return ""
    if 0xA1 <= head[0] <= 0xB7:
        name = manifest.find(b"dname", at, at + 200)
        return _cbor_text(manifest, name + 5) if name >= 0 else ""
    if 0x60 <= head[0] < 0x78:
        return decode(manifest[at + 1 : at + 1 + head[0] - 0x60])
    if head[0] in (0x78, 0x79):
        width = head[0] - 0x77
        length = int.from_bytes(manifest[at + 1 : at + 1 + width])
        return decode(manifest[at + 1 + width : at + 1 + width + length])
    return ""
