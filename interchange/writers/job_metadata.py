"""A job's metadata in the notations that containers have for it: tags, XMP, EXIF."""

from dataclasses import dataclass
from functools import cached_property
from xml.sax.saxutils import escape

from PIL import Image

from interchange.record import KEY, JobRecord
from interchange.tools import studio
from interchange.writers.infotext import infotext

SOFTWARE = "Studio"
COMFYUI_KEYS = ("prompt", "workflow")
"""The tags from which ComfyUI opens a file's workflow again."""
_SOURCE = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_ORIENTATION, _SOFTWARE, _EXIF, _USER_COMMENT = 0x0112, 0x0131, 0x8769, 0x9286
_XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description \
rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" \
xmlns:studio="urn:studio:job">{}</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""


@dataclass(frozen=True)
class JobMetadata:
    """What is written about one job; false where there is nothing to write.

    `compressed` is the record for containers with little room, `source` the IPTC address of its digital source type.
    """

    record: str = ""
    compressed: str = ""
    infotext: str = ""
    source: str = ""

    @classmethod
    def of(cls, record: JobRecord | None) -> "JobMetadata":
        """What is written for the record; nothing without one."""
        if record is None:
            return cls()
        source = f"{_SOURCE}{record.source_type}" if record.source_type else ""
        return cls(record.to_text(), record.to_compressed_text(), infotext(studio.fields(record)), source)

    def __bool__(self) -> bool:
        return bool(self.record)

    @cached_property
    def tags(self) -> dict[str, str]:
        """The tags for containers in which a tag may have any name."""
        tags = {KEY: self.record, "digitalsourcetype": self.source}
        return {key: text for key, text in tags.items() if text}

    def xmp(self, record: str = "") -> bytes:
        """An XMP packet; with the `record` for a container that has no other place for it."""
        if not self:
            return b""
        properties = {
            "xmp:CreatorTool": SOFTWARE,
            "Iptc4xmpExt:DigitalSourceType": self.source,
            "studio:StudioJob": record,
        }
        elements = (f"<{name}>{escape(text)}</{name}>" for name, text in properties.items() if text)
        return _XMP.format("".join(elements)).encode()

    def exif(self, orientation: int = 1, with_infotext: bool = True) -> bytes:
        """A TIFF with the infotext in UserComment, as A1111 writes it, and EXIF's orientation, 1 to 8."""
        exif = Image.Exif()
        if orientation != 1:
            exif[_ORIENTATION] = orientation
        if self:
            exif[_SOFTWARE] = SOFTWARE
        if self.infotext and with_infotext:
            exif.get_ifd(_EXIF)[_USER_COMMENT] = b"UNICODE\0" + self.infotext.encode("utf-16-be")
        return exif.tobytes().removeprefix(b"Exif\0\0") if self or orientation != 1 else b""


def orientation_of(tiff: bytes) -> int:
    """EXIF's orientation, 1 to 8; 1, upright, where there is none."""
    exif = Image.Exif()
    try:
        exif.load(tiff)
        found = exif.get(_ORIENTATION)
    except (SyntaxError, ValueError, OSError, KeyError, TypeError):  # damaged EXIF
        return 1
    return found if isinstance(found, int) and 1 <= found <= 8 else 1
