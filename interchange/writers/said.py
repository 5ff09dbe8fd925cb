"""What is written about a job, in the notations that containers have for it."""

from dataclasses import dataclass
from functools import cached_property
from xml.sax.saxutils import escape

from PIL import Image

from interchange.record import KEY, JobRecord
from interchange.tools import studio
from interchange.writers.infotext import infotext

SOFTWARE = "Studio"
_SOURCE = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_ORIENTATION, _SOFTWARE, _EXIF, _USER_COMMENT = 0x0112, 0x0131, 0x8769, 0x9286
_XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description \
rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" \
xmlns:studio="urn:studio:job">{}</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""


@dataclass(frozen=True)
class Said:
    """The texts of one job; empty ones where nothing is to be said."""

    record: str = ""
    packed: str = ""
    infotext: str = ""
    source: str = ""

    @classmethod
    def of(cls, record: JobRecord | None) -> "Said":
        """What is written for the record; nothing without one."""
        if record is None:
            return cls()
        source = f"{_SOURCE}{record.source_type}" if record.source_type else ""
        return cls(record.to_text(), record.to_packed_text(), infotext(studio.fields(record)), source)

    def __bool__(self) -> bool:
        return bool(self.record)

    @cached_property
    def tags(self) -> dict[str, str]:
        """For containers whose tags have names of any kind."""
        said = {KEY: self.record, "digitalsourcetype": self.source}
        return {key: text for key, text in said.items() if text}

    def xmp(self, job: str = "") -> bytes:
        """An XMP packet that says how the file was made, and the job where the container has no other place for it."""
        if not self:
            return b""
        said = {"xmp:CreatorTool": SOFTWARE, "Iptc4xmpExt:DigitalSourceType": self.source, "studio:StudioJob": job}
        elements = (f"<{name}>{escape(text)}</{name}>" for name, text in said.items() if text)
        return _XMP.format("".join(elements)).encode()

    def exif(self, orientation: int = 1, with_infotext: bool = True) -> bytes:
        """A TIFF with the infotext, as A1111 writes it, and how the picture is to be turned."""
        exif = Image.Exif()
        if orientation != 1:
            exif[_ORIENTATION] = orientation
        if self:
            exif[_SOFTWARE] = SOFTWARE
        if self.infotext and with_infotext:
            exif.get_ifd(_EXIF)[_USER_COMMENT] = b"UNICODE\0" + self.infotext.encode("utf-16-be")
        return exif.tobytes().removeprefix(b"Exif\0\0") if self or orientation != 1 else b""


def orientation_of(tiff: bytes) -> int:
    """How a picture with this EXIF is to be turned: 1 to 8."""
    exif = Image.Exif()
    try:
        exif.load(tiff)
        found = exif.get(_ORIENTATION)
    except (SyntaxError, ValueError, OSError, KeyError, TypeError):  # a damaged one
        return 1
    return found if isinstance(found, int) and 1 <= found <= 8 else 1
