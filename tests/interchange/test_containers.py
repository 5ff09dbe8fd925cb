"""Where texts stand in files, and in which encodings: every place that tools are known to use."""

import io
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from interchange.containers import texts
from interchange.containers.png import chunks
from interchange.decoding import MAX_TEXT, decode_user_comment
from interchange.read import read
from tests.interchange import made_files as made

INFOTEXT = "a cat, ümläut\nNegative prompt: dog\nSteps: 20, Sampler: Euler, CFG scale: 7, Seed: 5, Size: 64x96"
UNICODE = "猫の絵、夕焼け ~ 山\nNegative prompt: 犬\nSteps: 4, Seed: 1"
words = st.text(
    st.characters(codec="utf-8", exclude_characters="\0", exclude_categories=["Cs", "Cn", "Co", "Cc"]),
    min_size=1,
    max_size=60,
)


@pytest.mark.parametrize("text", [INFOTEXT, UNICODE])
@pytest.mark.parametrize("behind", [False, True])
@pytest.mark.parametrize("kind", [b"tEXt", b"zTXt", b"iTXt", b"packed iTXt"])
def test_png_texts_are_read_before_and_behind_the_picture(kind: bytes, behind: bool, text: str) -> None:
    raw = text.encode()
    bodies = {
        b"tEXt": raw,
        b"zTXt": b"\0" + zlib.compress(raw),
        b"iTXt": b"\0\0en\0title\0" + raw,
        b"packed iTXt": b"\1\0\0\0" + zlib.compress(raw),
    }
    content = made.png_with(made.chunk(kind[-4:], b"parameters\0" + bodies[kind]), behind=behind)
    assert texts(content) == {"parameters": text}


def test_a_latin_1_text_is_read_as_such() -> None:
    content = made.png_with(made.chunk(b"tEXt", b"Comment\0" + "café".encode("latin-1")))
    assert texts(content) == {"comment": "café"}


def test_a_png_whose_checksum_is_wrong_is_read() -> None:
    content = made.png_with(made.chunk(b"tEXt", b"parameters\0" + INFOTEXT.encode(), crc=1))
    with pytest.raises(OSError, match=r"broken PNG|identify"):
        Image.open(io.BytesIO(content)).load()
    assert texts(content) == {"parameters": INFOTEXT}


def test_a_text_that_inflates_without_end_is_cut() -> None:
    bomb = made.chunk(b"zTXt", b"parameters\0\0" + zlib.compress(bytes(200 * 2**20)))
    small = made.chunk(b"tEXt", b"prompt\0x")
    found = texts(made.png_with(bomb, small))
    assert sum(map(len, found.values())) <= MAX_TEXT


def test_the_name_of_a_file_says_nothing_of_its_kind() -> None:
    assert read(made.png({"parameters": INFOTEXT})) == read(made.with_exif("JPEG", made.user_comment(INFOTEXT)))


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "PNG", "AVIF"])
@pytest.mark.parametrize(
    ("encoding", "code", "text"),
    [
        *((f"utf-16{order}", b"UNICODE\0", text) for order in ("-be", "-le", "") for text in (INFOTEXT, UNICODE)),
        *(("utf-8", code, text) for code in (b"ASCII\0\0\0", bytes(8), b"") for text in (INFOTEXT, UNICODE)),
        ("utf-8", b"UNICODE\0", INFOTEXT),
    ],
)
def test_a_user_comment_is_read_in_every_encoding(kind: str, order: str, encoding: str, code: bytes, text: str) -> None:
    content = made.with_exif(kind, made.user_comment(text, encoding, code, order))
    assert texts(content)["exif.usercomment"] == text


@given(words, st.sampled_from(["utf-16-be", "utf-16-le"]), st.integers(0, 3))
def test_a_utf_16_comment_of_words_is_read_in_either_order(text: str, encoding: str, zeros: int) -> None:
    """What infotext always has, a line of settings, tells the order."""
    whole = f"{text}\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1"
    raw = b"UNICODE\0" + whole.encode(encoding) + bytes(2 * zeros)
    assert decode_user_comment(raw) == whole


def test_a_text_whose_letters_were_saved_with_swapped_bytes_is_swapped_back() -> None:
    swapped = INFOTEXT.encode("utf-16-le").decode("utf-16-be")
    assert texts(made.with_exif("JPEG", made.user_comment(swapped, "utf-8", b"")))["exif.usercomment"] == INFOTEXT


def test_exif_is_read_from_both_directories() -> None:
    body = made.tiff({0x0131: "Fooocus v2", made.USER_COMMENT: "{}", 0x013B: "ai"}, {0x927C: b"fooocus"})
    assert texts(made.with_exif("WEBP", body)) == {
        "exif.software": "Fooocus v2",
        "exif.usercomment": "{}",
        "exif.artist": "ai",
        "exif.makernote": "fooocus",
    }


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_tiff_has_the_texts_of_its_exif(order: str) -> None:
    comment = b"UNICODE\0" + INFOTEXT.encode("utf-16-be")
    content = made.tiff({0x010E: "a hill"}, {made.USER_COMMENT: comment}, order)
    assert texts(content)["exif.imagedescription"].strip("\0") == "a hill"
    assert read(content) == read(made.png({"parameters": INFOTEXT}))
    saved = made.saved("TIFF")
    assert read(saved) is None


def test_webp_may_have_its_tiff_bare() -> None:
    body = made.tiff({0x010F: "workflow:{}"})
    assert texts(made.saved("WEBP", exif=body)) == {"exif.make": "workflow:{}"}


def test_exif_as_imagemagick_keeps_it_in_a_png() -> None:
    body = b"Exif\0\0" + made.user_comment(INFOTEXT)
    profile = f"\nexif\n{len(body):8}\n" + "\n".join(body.hex()[at : at + 72] for at in range(0, 2 * len(body), 72))
    content = made.png_with(made.chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(profile.encode())))
    assert texts(content) == {"exif.usercomment": INFOTEXT}


@pytest.mark.parametrize("as_elements", [False, True])
def test_xmp_is_read_from_every_picture(as_elements: bool) -> None:
    packet = made.xmp({"xmp:CreatorTool": "Draw Things", "exif:UserComment": 'a "b"\n<c> & d'}, as_elements)
    expected = {"xmp.creatortool": "Draw Things", "xmp.usercomment": 'a "b"\n<c> & d'}
    assert texts(made.png({"XML:com.adobe.xmp": packet})) == expected
    assert texts(made.saved("JPEG", xmp=packet.encode())) == expected
    assert texts(made.saved("WEBP", xmp=packet.encode())) == expected
    assert texts(made.saved("AVIF", xmp=packet.encode())) == expected


def test_an_infotext_is_read_from_xmp_and_from_the_comment_of_stable_diffusion_cpp() -> None:
    packet = made.xmp({"xmp:parameters": INFOTEXT}, as_elements=True)
    expected = read(made.png({"parameters": INFOTEXT}))
    assert expected is not None
    assert read(made.saved("WEBP", xmp=packet.encode())) == expected
    assert read(made.saved("JPEG", comment=b"parameters\0" + INFOTEXT.encode())) == expected
    assert read(made.saved("JPEG", comment=b"parameters\0" + INFOTEXT.encode() + b"\0")) == expected


def test_xmp_that_declares_entities_is_not_read() -> None:
    packet = '<!DOCTYPE x [<!ENTITY a "aaaa">]>' + made.xmp({"xmp:CreatorTool": "here"}).replace("here", "&a;")
    assert texts(made.png({"XML:com.adobe.xmp": packet})) == {}


def test_comments_of_jpeg_and_gif_are_read() -> None:
    assert texts(made.saved("JPEG", comment=INFOTEXT.encode()))["comment"] == INFOTEXT
    assert texts(made.saved("GIF", comment=(INFOTEXT * 5).encode()))["comment"] == INFOTEXT * 5


def test_a_jpeg_xl_has_its_exif_in_a_box() -> None:
    exif = b"\0\0\0\0" + made.user_comment(INFOTEXT)
    box = struct.pack(">I4s", 8 + len(exif), b"Exif") + exif
    assert texts(b"\0\0\0\x0cJXL \r\n\x87\n" + box) == {"exif.usercomment": INFOTEXT}


@pytest.mark.parametrize("kind", ["mp4", "mov"])
@pytest.mark.parametrize("flags", ["use_metadata_tags", "use_metadata_tags+faststart"])
def test_films_have_tags_of_any_name_wherever_their_index_stands(kind: str, flags: str) -> None:
    found = texts(made.film(kind, {"prompt": '{"a": 1}', "workflow": '{"nodes": []}'}, movflags=flags))
    assert (found["prompt"], found["workflow"]) == ('{"a": 1}', '{"nodes": []}')


def test_a_film_of_itunes_has_a_comment() -> None:
    assert texts(made.film("mp4", {"comment": INFOTEXT}))["comment"] == INFOTEXT


@pytest.mark.parametrize("kind", ["webm", "matroska"])
def test_matroska_writes_keys_in_capitals(kind: str) -> None:
    content = made.film(kind, {"prompt": '{"a": 1}', "comment": "b"})
    assert b"PROMPT" in content
    assert texts(content)["prompt"] == '{"a": 1}'
    assert texts(content)["comment"] == "b"


@pytest.mark.parametrize("kind", ["flac", "ogg", "mp3"])
def test_sounds_have_tags(kind: str) -> None:
    found = texts(made.sound(kind, {"prompt": '{"a": 1}', "workflow": "{}"}))
    assert (found["prompt"], found["workflow"]) == ('{"a": 1}', "{}")


@pytest.mark.parametrize(
    ("mark", "packed", "channels"),
    [
        (b"stealth_pnginfo", False, 1),
        (b"stealth_pngcomp", True, 1),
        (b"stealth_rgbinfo", False, 3),
        (b"stealth_rgbcomp", True, 3),
    ],
)
def test_texts_hidden_in_the_lowest_bits_are_read(mark: bytes, packed: bool, channels: int) -> None:
    found = read(made.stealth(INFOTEXT, mark, packed, channels))
    assert found is not None
    assert (found.prompt, found.seed) == ("a cat, ümläut", 5)


@given(st.integers(1, 40), st.integers(100, 200), st.sampled_from(["RGB", "RGBA"]), st.integers(0, 9))
def test_a_hidden_text_is_found_under_every_filter(width: int, height: int, mode: str, seed: int) -> None:
    """Noise makes Pillow choose among PNG's filters, row by row."""
    channels = 1 if mode == "RGBA" else 3
    content = made.stealth(INFOTEXT, b"stealth_pnginfo", False, channels, (width, height), seed)
    hidden = read(content)
    fits = width * height * channels >= (15 + 4 + len(INFOTEXT.encode())) * 8
    assert (hidden is not None and hidden.seed == 5) or not fits


def test_a_picture_that_hides_nothing_is_not_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = [made.saved("PNG", (300, 300)), made.saved("PNG", (300, 300), "RGBA"), made.saved("WEBP", (300, 300))]
    monkeypatch.setattr(Image, "open", lambda *_: pytest.fail("decoded"))
    assert [read(one) for one in plain] == [None] * 3


def test_a_text_beside_the_file_is_read_where_the_file_has_none() -> None:
    bare = made.saved("PNG")
    assert read(bare) is None
    beside = read(bare, INFOTEXT.encode())
    assert beside is not None
    assert beside.seed == 5
    assert read(made.png({"parameters": INFOTEXT}), b"other\nSteps: 1, Seed: 9") == read(
        made.png({"parameters": INFOTEXT})
    )


@pytest.mark.parametrize(
    "content",
    [
        b"",
        made.saved("PNG"),
        made.with_exif("PNG", made.user_comment("Screenshot", "utf-8", b"ASCII\0\0\0")),
        made.png({"Comment": "Created with GIMP", "Description": "my holiday", "Software": "Adobe Photoshop"}),
        made.png({"Software": "341bbc4f-395a-4186-9d00-23abdd76a664"}),
        made.png({"XML:com.adobe.xmp": made.xmp({"xmp:CreatorTool": "Photoshop", "dc:description": "a hill"})}),
        b"just a text of a user",
        b'{"c": 66, "uc": 22602, "scale": 12378, "seed": 5, "steps": 3, "model": 1}',  # a tokenizer's vocabulary
    ],
)
def test_what_others_write_into_files_is_no_prompt(content: bytes) -> None:
    assert read(content) is None


def test_every_chunk_of_a_cut_png_is_given_as_far_as_it_goes() -> None:
    content = made.png({"parameters": INFOTEXT})
    cut = content[: content.index(b"parameters") + 20]
    assert [kind for kind, _ in chunks(cut)] == [b"IHDR", b"tEXt"]
