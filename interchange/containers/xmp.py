"""XMP: the properties of its RDF descriptions, attributes and elements alike, by their local names."""

from collections.abc import Iterator
from xml.etree import ElementTree

_MAX_TAGS = 5_000
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"


def texts(packet: str) -> Iterator[tuple[str, str]]:
    """Each property as `xmp.name`; none of a packet that is damaged, has a DOCTYPE or comment, or too many elements."""
    start, end = packet.find("<x:xmpmeta"), packet.rfind("</x:xmpmeta>")
    packet = packet[start : end + len("</x:xmpmeta>")] if 0 <= start < end else packet
    if "<!" in packet or packet.count("<") > _MAX_TAGS:
        return
    try:
        root = ElementTree.fromstring(packet)
    except (ElementTree.ParseError, ValueError):
        return
    for description in root.iter(f"{_RDF}Description"):
        for name, value in description.items():
            yield f"xmp.{_local(name)}", value
        for element in description:
            text = next((piece for piece in element.itertext() if piece.strip()), "")
            yield f"xmp.{_local(element.tag)}", text


def _local(name: str) -> str:
    return name.rpartition("}")[2].lower()
