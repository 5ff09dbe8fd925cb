"""What is typed into the search box, and what it means."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from storage.jobs.query import FIELDS, MOST_TERMS, Field, Query, Word, number_text, parse, plain

INPUTS = ("prompt", "negative_prompt", "steps", "cfg", "guidance", "guidance_scale")

anything = st.text() | st.lists(
    st.sampled_from(["-", '"', "“", ":", "=", ">", "<", "steps", "seed", "cfg", "x", " ", "\n", "3", ".", "\0", "é"])
).map("".join)
words = st.text(st.characters(categories=["Ll", "Lo"], exclude_characters="ªº"), min_size=1).filter(plain)
numbers = st.integers(-(10**18), 10**18) | st.floats(allow_nan=False, allow_infinity=False)


@given(anything)
@example('O:"\n').via("two lines in a note")
@example('steps>"\n').via("the same where a number is missing")
def test_whatever_is_typed_means_something_and_is_no_error(text: str) -> None:
    query = parse(text, INPUTS)
    assert len(query.terms) <= MOST_TERMS
    assert all(term.text == plain(term.text) != "" for term in query.terms)
    assert all("\n" not in note for note in query.notes)


@given(st.text())
def test_a_text_is_compared_without_case_and_what_is_compared_stays_so(text: str) -> None:
    assert plain(text) == plain(plain(text))
    assert plain(f"\n{text}\t") == plain(text)


@given(st.lists(words, max_size=8, unique_by=plain))
def test_words_are_looked_for_one_by_one(some: list[str]) -> None:
    assert parse(" \n".join(some), INPUTS) == Query(tuple(Word(plain(one)) for one in some))


@given(st.lists(words, min_size=1, max_size=5).map(" ".join), st.booleans())
def test_what_is_quoted_is_one_phrase_and_a_minus_excludes_it(phrase: str, excluded: bool) -> None:
    minus = "-" if excluded else ""
    for quoted in (f'"{phrase}"', f"“{phrase}”", f'"{phrase}'):
        assert parse(minus + quoted, INPUTS).terms == (Word(plain(phrase), excluded),)
        found = Field(("prompt",), ":", plain(phrase), None, excluded)
        assert parse(f"{minus}Prompt:{quoted}", INPUTS).terms in ((found,), ())


@given(st.sampled_from(["steps", "seed", "rating"]), st.sampled_from([">", ">=", "<", "<="]), numbers, st.booleans())
def test_a_field_is_compared_with_a_number(name: str, operator: str, number: float, spaced: bool) -> None:
    space = " " if spaced else ""
    (term,) = parse(f"{name}{space}{operator}{space}{number_text(number)}", INPUTS).terms
    assert isinstance(term, Field)
    assert (term.names, term.operator, term.number) == ((name,), operator, number)


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("seed:42", (Field(("seed",), ":", "42", 42),)),
        ("Model:Flux steps>20", (Field(("model",), ":", "flux"), Field(("steps",), ">", "20", 20))),
        ("negative:blur", (Field(("negative_prompt",), ":", "blur"),)),
        ("guidance>3.50", (Field(("guidance",), ">", "3.50", 3.5),)),
        ("guid=3", (Field(("guidance", "guidance_scale"), ":", "3", 3),)),
        ("seed:", ()),
        ("-steps>=", ()),
        ("fox -owl", (Word("fox"), Word("owl", True))),
        ("16:9 (wool:1.2)", (Word("16:9"), Word("(wool:1.2)"))),
        ("f/2.8 - ", (Word("f/2.8"), Word("-"))),
        ("Étang ÉTANG", (Word("etang"),)),
    ],
)
def test_what_is_typed_is_understood(text: str, terms: tuple[Word | Field, ...]) -> None:
    assert parse(text, INPUTS) == Query(terms)


@pytest.mark.parametrize(
    ("text", "term", "note"),
    [
        ("colour:red", Word("colour:red"), "There is no input “colour”: looked for “colour:red” as text."),
        ("-colour:red", Word("colour:red", True), "There is no input “colour”: looked for “colour:red” as text."),
        ('steps>"many"', Word("steps>many"), '“many” is no number: looked for “steps>"many"” as text.'),
    ],
)
def test_a_field_that_nobody_has_is_said_and_looked_for_as_text(text: str, term: Word, note: str) -> None:
    assert parse(text, INPUTS) == Query((term,), (note,))


def test_every_job_has_these_fields() -> None:
    assert all(parse(f"{name}:x").notes == () for name in FIELDS)
