"""Reading and writing still pictures: upright, in RGB or RGBA, and within the studio's limits."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import ExifTags, Image, ImageCms, ImageColor, UnidentifiedImageError
from PIL.ImageFile import ImageFile

from backends.base import BackendError

MOST_PIXELS = 64_000_000
"""No result may have more: it would be refused as the next job's input."""

READABLE = ("PNG", "JPEG", "WEBP", "GIF", "AVIF", "BMP", "TIFF")
# MPO is Pillow's name for the JPEG of a phone or camera that carries a second picture.
_KEPT_AS = {"PNG": "PNG", "JPEG": "JPEG", "MPO": "JPEG", "WEBP": "WEBP"}
_SUFFIXES = {"PNG": ".png", "JPEG": ".jpg", "WEBP": ".webp"}
_WIDE_GREY = ("I;16", "I;16B", "I;16L", "I")
_GREY = ("1", "L", "LA", *_WIDE_GREY)
_RGB = ("RGB", "RGBA", "P")
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""By the orientation that EXIF notes; 1 is upright."""


@dataclass(frozen=True, slots=True)
class Picture:
    """An upright picture in mode RGB or RGBA; `format` is what "as the original" means for it."""

    pixels: Image.Image
    format: str = "PNG"
    icc_profile: bytes | None = None

    def with_pixels(self, pixels: Image.Image) -> "Picture":
        """The same picture after an edit."""
        return replace(self, pixels=pixels)

    def in_srgb(self) -> "Picture":
        """The same colours without a profile: for all that cannot carry one, and to draw named colours into."""
        if self.icc_profile is None:
            return self
        return replace(self, pixels=_converted(self.pixels, self.pixels, self.icc_profile), icc_profile=None)


def read(path: Path) -> Picture:
    """The picture in the file (the first one of an animation), turned as its EXIF or XMP says."""
    with opened(path) as image:
        return decoded(image)


def decoded(image: ImageFile) -> Picture:
    """The picture of an opened file; a profile of grey or inks is turned into sRGB, one of RGB is kept."""
    turned = upright(image)
    pixels, kept_as = _as_rgb(turned), _KEPT_AS.get(image.format or "", "PNG")
    profile = image.info.get("icc_profile") or b""
    space = profile[16:20] if profile[36:40] == b"acsp" else b""
    if space == b"RGB " and image.mode in _RGB:
        return Picture(pixels, kept_as, profile)
    if space == b"CMYK" and image.mode == "CMYK":
        return Picture(_converted(turned, pixels, profile), kept_as)
    if space == b"GRAY" and image.mode in _GREY:
        return Picture(_converted(pixels.convert("L"), pixels, profile), kept_as)
    return Picture(pixels, kept_as)


def _converted(source: Image.Image, pixels: Image.Image, profile: bytes) -> Image.Image:
    """What the source means by the profile, in sRGB and as transparent as `pixels`: they stay if it is broken."""
    try:
        opaque = source.convert("RGB") if source.mode == "RGBA" else source
        shown = ImageCms.profileToProfile(opaque, BytesIO(profile), ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):  # viewers show such a picture without its profile
        return pixels
    if shown is None:
        return pixels
    if pixels.mode == "RGBA":
        shown.putalpha(pixels.getchannel("A"))
    return shown


@contextmanager
def opened(path: Path) -> Iterator[ImageFile]:
    """A file that the probe took, of a format that it takes, not decoded yet."""
    # By its name, Pillow would map a TIFF into memory, and mix up the pixels of one that lies on its side.
    with path.open("rb") as file:
        try:
            image = Image.open(file, formats=READABLE)
        except OSError as error:  # Pillow's own words are about Python's object for the file
            if error.errno is not None:  # the disk's fault, not the picture's
                raise
            raise UnidentifiedImageError("it is no picture that can be read") from None
        with image:
            yield image


def upright(image: ImageFile) -> Image.Image:
    """The picture turned as its EXIF or XMP says, or itself where nothing that can be read turns it.

    Pillow's own `exif_transpose` writes the EXIF again, and fails for any entry that is not as it should be.
    """
    try:
        image.load()  # a PNG may note its orientation behind its pixels
    except (OSError, SyntaxError) as error:
        if isinstance(error, OSError) and error.errno is not None:  # the disk's fault, not the picture's
            raise
        image.tile = []  # damaged in the middle; the probe has seen that a part is there
    try:
        turn = _TURNS.get(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # damaged EXIF makes Pillow raise nearly anything
        turn = None
    return image if turn is None else image.transpose(turn)


def _as_rgb(image: Image.Image) -> Image.Image:
    if image.mode in _WIDE_GREY:  # Pillow's own conversion would cut 16 bits off at 255
        wide = np.asarray(image, dtype=np.int64).clip(0, 65535)
        return Image.fromarray((wide >> 8).astype(np.uint8)).convert("RGB")
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def write(picture: Picture, folder: Path, file_format: str = "same", quality: int = 92) -> Path:
    """Save the result in the folder; `quality` counts for JPEG and WebP, transparency becomes white in a JPEG."""
    chosen = picture.format if file_format == "same" else file_format.upper()
    pixels = flat(picture.pixels) if chosen == "JPEG" else picture.pixels
    options = {"PNG": {}, "JPEG": {"quality": quality, "subsampling": 0}, "WEBP": {"quality": quality, "method": 4}}
    # Into memory first: of a full disk Pillow's encoders say what they say of a size that the format cannot have, or
    # nothing.
    encoded = BytesIO()
    try:
        pixels.save(encoded, format=chosen, icc_profile=picture.icc_profile, **options[chosen])
    except (OSError, ValueError) as error:
        width, height = pixels.size
        raise BackendError(f"{chosen} cannot hold {width} × {height} pixels: choose PNG.") from error
    path = folder / f"result{_SUFFIXES[chosen]}"
    path.write_bytes(encoded.getbuffer())
    return path


def flat(pixels: Image.Image, ground: str = "white") -> Image.Image:
    """RGB, with a ground of one colour behind what is transparent."""
    if pixels.mode != "RGBA":
        return pixels.convert("RGB")
    return Image.alpha_composite(Image.new("RGBA", pixels.size, ground), pixels).convert("RGB")


def check_size(width: int, height: int) -> None:
    """Refuse a result that would be larger than the studio takes."""
    if width * height > MOST_PIXELS:
        most = MOST_PIXELS // 1_000_000
        raise BackendError(f"The result would have {width} × {height} pixels: choose values that give {most} million.")


def colour(text: str, label: str) -> tuple[int, int, int]:
    """A colour that a person wrote, as red, green and blue."""
    try:
        return ImageColor.getrgb(text.strip())[:3]
    except ValueError as error:
        raise BackendError(f"{label} must be a colour such as #ff8800 or navy, not “{text}”.") from error
