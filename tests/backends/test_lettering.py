"""What is typed over a picture is drawn in any script, or refused with its letters named; it stays in the picture."""

import re
import unicodedata
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from backends.base import BackendError
from backends.local_models.edits import fonts, lettering, typesetting
from tests.backends.local_runs import LOCAL_MODELS

CONFIG = LOCAL_MODELS["image-edit"]
SCRIPTS = {
    "Latin": "Grüße, Café — Łódź, Việt Nam, ǅ £5 €",
    "Greek": "Καλημέρα κόσμε",
    "Cyrillic": "Привет, ї ґ",
    "Hebrew": "שלום עולם",
    "Arabic": "مرحبا بالعالم",
    "Devanagari": "नमस्ते दुनिया",
    "Thai": "สวัสดีชาวโลก",
    "Japanese": "日本語の文章はスペースがないので折り返されません",
    "Chinese": "你好，世界",
    "Korean": "안녕하세요",
    "Georgian": "გამარჯობა",
    "Amharic": "ሰላም",
    "Emoji": "😀 👩‍👩‍👧 ☀️ ★",
    "decomposed": unicodedata.normalize("NFD", "Grüße 각 é"),
}
LONG = "https://example.org/a/very/long/address/without/any/space"


def drawn(text: str, size: tuple[int, int] = (320, 200), **values: Any) -> np.ndarray:
    """Where and how brightly a black picture is lit by white words."""
    shown: dict[str, Any] = {**CONFIG.defaults(), "text_size": 20.0, "text_outline": False, "text": text, **values}
    return np.asarray(lettering.text(Image.new("RGB", size), shown).convert("L"))


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_script_is_drawn_within_the_picture(script: str) -> None:
    lit = drawn(SCRIPTS[script])
    assert lit.any()
    assert not lit[:, [0, -1]].any()
    assert not lit[[0, -1]].any()
    assert (lit == drawn(SCRIPTS[script])).all()


@pytest.mark.parametrize("text", ["Gr\ue000\ue000e", "\ue000", "\U000f0000", "\u0378", "a\x01b"])
def test_letters_that_no_font_has_are_named(text: str) -> None:
    wrong = next(letter for letter in text if not letter.isascii() or letter < " ")
    with pytest.raises(BackendError, match=rf"U\+{ord(wrong):04X}.*[Ll]eave") as refused:
        drawn(text)
    assert refused.value.fields == {"text": str(refused.value)}


def test_letters_that_only_the_machine_has_a_font_for_are_drawn_with_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "deep").mkdir()
    latin = fonts.bundled()[0].path
    assert latin is not None
    (tmp_path / "deep" / "mine.ttf").symlink_to(latin)
    (tmp_path / "broken.ttf").write_bytes(b"no font")
    (tmp_path / "words.txt").write_text("no font either")
    monkeypatch.setattr(fonts, "bundled", lambda: ())
    monkeypatch.setattr(fonts, "FOLDERS", (tmp_path / "not there", tmp_path))
    fonts.installed.cache_clear()
    try:
        assert drawn("Gr\u00fc\u00dfe").any()
        with pytest.raises(BackendError, match="“日”, “本”"):
            drawn("日本")
        monkeypatch.setattr(fonts, "FOLDERS", ())
        fonts.installed.cache_clear()
        assert drawn("abc").any()  # in Pillow's own
    finally:
        fonts.installed.cache_clear()


def test_without_what_shapes_scripts_those_that_need_it_are_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "can_shape", lambda: False)
    for text in (SCRIPTS["Latin"], SCRIPTS["Japanese"], SCRIPTS["decomposed"], "★ 1 + 1 = 2"):
        assert drawn(text).any()
    with pytest.raises(BackendError, match=r"Arabic, Devanagari.*FriBiDi"):
        drawn("مرحبا नमस्ते")
    with pytest.raises(BackendError, match="FriBiDi"):
        drawn("x\u0331")


@pytest.mark.parametrize(
    ("line", "pieces"),
    [
        ("abc", ["abc"]),
        ("שלום", ["שלום"]),
        ("abc שלום def", ["abc ", "שלום", " ", "def"]),
        ("שלום abc 12", ["abc 12", "שלום "]),
        ("שלום 12", ["12", "שלום "]),
        ("אב (גד)", [")", "גד", "(", "אב "]),
        ("\u2067abc\u2069 x", ["\u2067abc\u2069 x"]),
    ],
)
def test_what_is_written_from_the_right_stands_from_the_right(line: str, pieces: list[str]) -> None:
    assert [piece.text for piece in typesetting.pieces(fonts.choose(line), typesetting.base_level(line))] == pieces


@pytest.mark.parametrize("text", [LONG, SCRIPTS["Japanese"] * 2, "สวัสดีชาวโลก" * 4, "W" * 60, "مرحبا" * 12])
@pytest.mark.parametrize("size", [5.0, 20.0, 50.0])
@pytest.mark.parametrize("place", ["top-left", "centre", "bottom-right"])
def test_what_has_no_spaces_breaks_within_the_picture(text: str, size: float, place: str) -> None:
    for outline in (False, True):
        lit = drawn(text, text_size=size, text_position=place, text_outline=outline, outline_colour="white")
        assert lit.any()
        assert not lit[:, [0, -1]].any()
        assert not lit[[0, -1]].any()


LETTERS = st.sampled_from("".join(SCRIPTS.values()) + LONG + "\n\t\u200d\u0301\ue000\u0378") | st.characters(
    exclude_categories=["Cs"]
)


@given(
    text=st.text(LETTERS, min_size=1, max_size=60),
    size=st.tuples(st.integers(16, 300), st.integers(16, 200)),
    text_size=st.floats(1, 50),
)
def test_any_text_is_drawn_within_the_picture_or_refused(text: str, size: tuple[int, int], text_size: float) -> None:
    try:
        lit = drawn(text, size, text_size=text_size)
    except BackendError as refused:
        assert re.search(r"cannot be drawn.*\.$", str(refused))  # noqa: PT017 - either way is right
    else:
        assert not lit[:, [0, -1]].any()
        assert not lit[[0, -1]].any()
