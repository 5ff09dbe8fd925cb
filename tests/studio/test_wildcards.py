"""What a text with wildcards becomes: one of what it may, the same for the same seed, and never anything else."""

import itertools
import json
import os
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from PIL import Image

from model_configs.schema import ModelConfig
from storage.jobs.store import Job, JobStatus
from studio.context import StudioContext
from studio.errors import InvalidValuesError, WildcardError
from studio.inputs.restore import TextMode, plan
from studio.inputs.wildcards import DEEPEST, MOST_BYTES, MOST_CHARACTERS, Wildcards, escaped
from studio.jobs.runner import Runner
from studio.settings import Settings
from studio_ui import open_studio
from tests.memory_studio import USER, Engine, memory_studio

Form = Literal["NFC", "NFD"]
FORMS = st.sampled_from(("NFC", "NFD"))
SEEDS = st.integers(0, 2**53 - 1)
FILES: Mapping[str, Sequence[str]] = {
    "animal": ("cat", "sea lion", "{big|small} dog"),
    "place/town": ("Rome", "a town with __animal__s"),
    "sci-fi_2": ("robot", "C:\\{x}", r"\{real|unreal\} __place/town__"),
}
ANIMALS = {"cat", "sea lion", "big dog", "small dog"}
TOWNS = {"Rome", *(f"a town with {animal}s" for animal in ANIMALS)}
RESOLVED: Mapping[str, set[str]] = {
    "animal": ANIMALS,
    "place/town": TOWNS,
    "sci-fi_2": {"robot", "C:\\{x}", *(f"{{real|unreal}} {town}" for town in TOWNS)},
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files to choose from, and some that cannot be used."""
    made = tmp_path_factory.mktemp("studio") / "wildcards"
    (made / "place").mkdir(parents=True)
    for name, lines in FILES.items():
        text = "\ufeff# a comment\r\n\r\n" + "".join(f"  {line} \r\n" for line in lines)
        (made / f"{name}.txt").write_bytes(text.encode())
    for name, content in {
        "empty": b"\n# nothing\n",
        "bytes": b"caf\xe9",
        "wide": "cat".encode("utf-16-le"),
        "large": b"a\n" * (MOST_BYTES // 2 + 1),
        "cycle": b"a __around__",
        "around": b"{__cycle__|__cycle__}",
        "bomb": b"__bomb2__" * 500,
        "bomb2": b"__bomb3__" * 500,
        "bomb3": b"{|}",
        "long": b"long" * 10,
        **{f"deep{i}": f"__deep{i + 1}__".encode() for i in range(DEEPEST + 1)},
    }.items():
        (made / f"{name}.txt").write_bytes(content)
    (made / "folder.txt").mkdir()
    (made.parent / "secret.txt").write_text("secret")
    (made / "out.txt").symlink_to(made.parent / "secret.txt")
    (made / "in.txt").symlink_to(made / "animal.txt")
    (made / "loop.txt").symlink_to(made / "loop.txt")
    os.mkfifo(made / "pipe.txt")
    return made


@pytest.fixture(scope="module")
def cards(folder: Path) -> Wildcards:
    return Wildcards(folder)


# --- what is resolved -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Written:
    """A text and, worked out from how it was put together, all that it may become."""

    text: str
    outcomes: frozenset[str]
    is_dynamic: bool = False


def _joined(parts: list[Written]) -> Written:
    outcomes = itertools.product(*(part.outcomes for part in parts))
    is_dynamic = any(part.is_dynamic for part in parts)
    return Written("".join(part.text for part in parts), frozenset(map("".join, outcomes)), is_dynamic)


def _choice(alternatives: list[Written]) -> Written:
    text = "|".join(one.text for one in alternatives)
    return Written(f"{{{text}}}", frozenset().union(*(one.outcomes for one in alternatives)), is_dynamic=True)


def _in_braces(part: Written) -> Written:
    return Written(f"{{{part.text}}}", frozenset(f"{{{one}}}" for one in part.outcomes), part.is_dynamic)


PLAINLY_NO_CHOICE = re.compile(r"""["']\s*:|\{\s*\w+\s*:\s*["'\[]|\{\{\s|\{[%#]""")
"""What may make braces those of JSON, code or a template; tests of their own draw such texts."""

LITERALS = st.text(st.sampled_from("ab ünï猫%#$\n\"'()[]:,/.-"), max_size=6).map(
    lambda text: Written(text, frozenset({text}))
)
ESCAPES = st.sampled_from("{|}_").map(lambda sign: Written(f"\\{sign}", frozenset({sign})))
NAMED = st.sampled_from(sorted(RESOLVED)).map(
    lambda name: Written(f" __{name}__", frozenset(f" {one}" for one in RESOLVED[name]), is_dynamic=True)
)
TEXTS = st.recursive(
    LITERALS | ESCAPES | NAMED,
    lambda inner: (
        st.lists(inner, min_size=2, max_size=3).map(_joined)
        | st.lists(inner, min_size=2, max_size=3).map(_choice)
        | inner.map(_in_braces)
    ),
    max_leaves=6,
).filter(lambda text: not PLAINLY_NO_CHOICE.search(text.text))


@given(text=TEXTS.filter(lambda text: text.is_dynamic), seed=SEEDS)
def test_a_text_becomes_one_of_what_it_may_become(cards: Wildcards, text: Written, seed: int) -> None:
    cards.check(text.text)
    assert cards.resolve(text.text, seed, "prompt") in text.outcomes


@given(text=TEXTS, seed=SEEDS)
def test_the_same_seed_resolves_a_text_to_the_same(cards: Wildcards, text: Written, seed: int) -> None:
    assert cards.resolve(text.text, seed, "prompt") == Wildcards(cards.folder).resolve(text.text, seed, "prompt")


@given(alternatives=st.lists(st.text("abc ", max_size=3), min_size=2, max_size=5, unique=True))
def test_every_alternative_has_its_seeds(cards: Wildcards, alternatives: list[str]) -> None:
    text = f"{{{'|'.join(alternatives)}}}"
    assert {cards.resolve(text, seed, "prompt") for seed in range(150)} == set(alternatives)


@pytest.mark.parametrize("name", RESOLVED)
def test_every_line_of_a_file_has_its_seeds(cards: Wildcards, name: str) -> None:
    assert {cards.resolve(f"__{name}__", seed, "prompt") for seed in range(400)} == RESOLVED[name]


def test_what_a_seed_chooses_does_not_change_from_one_version_to_the_next(cards: Wildcards) -> None:
    resolved = [cards.resolve("{a|b|c|d} __animal__", seed, "prompt") for seed in range(4)]
    assert resolved == ["c sea lion", "d cat", "b small dog", "a cat"]


def test_equal_texts_of_two_inputs_are_resolved_each_for_itself(cards: Wildcards) -> None:
    text = "{a|b|c|d|e|f|g|h}"
    assert any(cards.resolve(text, seed, "prompt") != cards.resolve(text, seed, "negative") for seed in range(9))


def test_a_change_of_a_file_counts_at_once(tmp_path: Path) -> None:
    (tmp_path / "animal.txt").write_text("cat")
    cards = Wildcards(tmp_path)
    assert cards.resolve("__animal__", 1, "prompt") == "cat"
    (tmp_path / "animal.txt").write_text("dog")
    assert cards.resolve("__animal__", 1, "prompt") == "dog"


def test_a_link_inside_the_folder_is_followed(cards: Wildcards) -> None:
    assert cards.resolve("__in__", 1, "prompt") in RESOLVED["animal"]


NAMES = st.lists(
    st.text("aZ9 .+-*?#@!'\"()éÅ한हिन्दีสี猫{|}_\\ßİ\u0301", min_size=1, max_size=8).filter(
        lambda name: name.strip() == name and not name.startswith(".") and not re.search(r"\\($|[{|}_])", name)
    ),
    min_size=1,
    max_size=2,
).map("/".join)


def _sign_by_sign(name: str) -> str:
    return re.sub(r"[{|}_]", r"\\\g<0>", name)


@given(name=NAMES, suffix=st.sampled_from([".txt", ".TXT", ".Txt"]), forms=st.tuples(FORMS, FORMS))
def test_whatever_a_file_is_named_it_can_be_used(
    name: str, suffix: str, forms: tuple[Form, Form], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("names")
    named, asked = (unicodedata.normalize(form, name) for form in forms)
    path = folder / f"{named}{suffix}"
    path.parent.mkdir(exist_ok=True)
    path.write_text("a line")
    text = f"a __{_sign_by_sign(asked)}__s"
    Wildcards(folder).check(text)
    assert Wildcards(folder).resolve(text, 1, "prompt") == "a a lines"


def test_a_name_that_is_there_in_two_spellings_means_the_one_that_is_typed(tmp_path: Path) -> None:
    for form in ("NFC", "NFD"):
        (tmp_path / f"{unicodedata.normalize(form, 'café')}.txt").write_text(form)
    for form in ("NFC", "NFD"):
        assert Wildcards(tmp_path).resolve(f"__{unicodedata.normalize(form, 'café')}__", 1, "prompt") == form


def test_a_line_is_a_comment_only_where_a_space_or_nothing_follows_its_number_sign(tmp_path: Path) -> None:
    (tmp_path / "hex.txt").write_text("# colours\n#\n## more\n#\tand more\n  # yet more\n#ff0000\n##x")
    assert {Wildcards(tmp_path).resolve("__hex__", seed, "prompt") for seed in range(40)} == {"#ff0000", "##x"}


# --- what is left alone ----------------------------------------------------------------------------------------------

PLAIN = (
    "",
    "{}",
    "{x} {{y}} {}",
    "}{",
    "{a|b",
    "a|b}",
    "}a|b{",
    "a|b",
    "snake__case",
    "snake__case__name",
    "2__animal__",
    "____",
    "__ animal __",
    "__animal_",
    "C:\\{x}\\n \\_ \\| \\\\",
    '{"a": [1, {"b": "50 %"}], "c": "#1 \\"$5\\""}',
    "${x} {{7*7}} %s %(a)s #tag",
    " spaced\r\n\ttext ",
    '{"subject": "cat | dog", "style": {"mood": "calm"}}',
    '{"a": {"b": "x|y"}, "c": 1}',
    '{ "palette": ["red", "blue"], "camera": {"lens": "35mm | 50mm"} }',
    'Make this: {"sign": "a {red|blue} one", "face": ":-} | :-{"}, please',
    ' ["{red|blue}", "a|b"] ',
    '{"a": "x | y", "b": 1,}',
    "{'a': 'x | y', **more}",
    '{subject: "cat | dog", mood: ["calm"]}',
    '{"a": "C:\\\\{x|y} \\"|\\" \\\\_"}',
    r"\frac{a|b}{c|d} \sqrt[3]{x|y} e^{x|y}",
    r"\left\{ x | x > 0 \right\}",
    r"\begin{tabular}{l|c|r}",
    "a {{ name | upper }} and {{- name | upper -}}",
    "{% if a | b %} {# this | that #}",
    "if (a) { return a | b; }",
    "if (a) {\n  x |= y;\n  z();\n}",
)


@pytest.mark.parametrize("text", PLAIN, ids=repr)
def test_a_text_without_wildcards_stays_as_it_is(cards: Wildcards, text: str) -> None:
    cards.check(text)
    assert cards.resolve(text, 1, "prompt") == text


def _is_plain(text: str) -> bool:
    return "__" not in text.replace("\\", "") and not all(sign in text for sign in "{|}")


@given(text=(st.text() | st.text("{|}_\\ a1")).filter(_is_plain), seed=SEEDS)
def test_any_text_without_wildcards_stays_as_it_is(cards: Wildcards, text: str, seed: int) -> None:
    assert cards.resolve(text, seed, "prompt") == text


@given(text=st.text("{|}_ a1"), seed=SEEDS)
def test_any_text_can_be_escaped(cards: Wildcards, text: str, seed: int) -> None:
    escaped = "".join(f"\\{sign}" if sign in "{|}_" else sign for sign in text)
    assert cards.resolve(f"{{=|=}}{escaped}", seed, "prompt") == f"={text}"


@given(text=st.text() | st.text("{|}_\\ a1é") | TEXTS.map(lambda text: text.text), seed=SEEDS)
def test_what_becomes_of_an_escaped_text_is_the_text(cards: Wildcards, text: str, seed: int) -> None:
    cards.check(escaped(text))
    assert cards.resolve(escaped(text), seed, "prompt") == text


@pytest.mark.parametrize("text", PLAIN, ids=repr)
def test_a_text_without_wildcards_needs_no_escapes(text: str) -> None:
    assert escaped(text) == text


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("red {x|y} fox", r"red \{x\|y\} fox"),
        ("a_b __animal__", r"a_b \_\_animal\_\_"),
        (r"\{a|b\}", r"{|}\\{a\|b\\}"),
    ],
)
def test_only_what_would_be_resolved_is_escaped(text: str, becomes: str) -> None:
    assert escaped(text) == becomes


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        (r"\{a|b\}", "{a|b}"),
        (r"{a\|b}", "{a|b}"),
        (r"{x|x}\{a\}", "x{a}"),
        (r"\__animal__", "__animal__"),
        (r"{\}|\}}", "}"),
        (r"{C:\x|C:\x}", r"C:\x"),
    ],
)
def test_a_backslash_makes_an_ordinary_character(cards: Wildcards, text: str, becomes: str) -> None:
    assert cards.resolve(text, 1, "prompt") == becomes


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ('{"a": "x|y", "b": "__only__"}', '{"a": "x|y", "b": "one"}'),
        ('{ {"a": "x|y"}|{"a": "x|y"} }', ' {"a": "x|y"}'),
        ('{"a": {one|one},}', '{"a": one,}'),
        ("{{one|one}}", "{one}"),
        ('{"one"|"one"}', '"one"'),
        ('a sign "{one|one}"', 'a sign "one"'),
        ("{one: 1|one: 1}", "one: 1"),
    ],
)
def test_what_is_plainly_a_choice_is_resolved_beside_what_is_none(cards: Wildcards, text: str, becomes: str) -> None:
    (cards.folder / "only.txt").write_text("one")
    assert cards.resolve(text, 1, "prompt").strip() == becomes.strip()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.text("{|}\\\"' a:;"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("{|}\\ab"), inner, max_size=3),
    max_leaves=8,
).filter(lambda value: isinstance(value, dict | list))


@given(value=JSON, indent=st.none() | st.integers(0, 2), seed=SEEDS)
def test_json_reaches_the_model_as_typed(cards: Wildcards, value: object, indent: int | None, seed: int) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    assume("__" not in text)
    assert cards.resolve(text, seed, "prompt") == text
    assert escaped(text) == text


# --- what is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("dragon", "There is no wildcard file dragon.txt: make it in {folder}, one alternative a line."),
        ("place/river", "There is no wildcard file place/river.txt: make it in {folder}, one alternative a line."),
        ("a" * 300, "a….txt in {folder} cannot be read .File name too long.: see that the studio may read it."),
        ("folder", "There is no wildcard file"),
        ("colors.", "There is no wildcard file colors.."),
        ("no such name", "There is no wildcard file no such name.txt"),
        ("up", "There is no wildcard file up.txt"),
        ("सं", "There is no wildcard file सं.txt"),
        ("../secret", "There is no wildcard file ../secret.txt"),
        ("place/../../secret", "There is no wildcard file"),
        ("/etc/passwd", "There is no wildcard file /etc/passwd.txt"),
        ("place//town", "There is no wildcard file place//town.txt"),
        ("place/./town", "There is no wildcard file place/./town.txt"),
        ("place/", "There is no wildcard file place/.txt"),
        ("nul\0", "There is no wildcard file"),
        ("pipe", "There is no wildcard file"),
        ("loop", "There is no wildcard file"),
        ("out", "The wildcard file out.txt is a link out of {folder}: put a copy there."),
        ("empty", "The wildcard file empty.txt has no line to choose: write one alternative a line."),
        ("bytes", "The wildcard file bytes.txt is not UTF-8 text: save it as such."),
        ("wide", "The wildcard file wide.txt is not UTF-8 text: save it as such."),
        ("large", "The wildcard file large.txt has more than 1048576 bytes: make two files of it."),
    ],
)
def test_a_file_that_cannot_be_used_is_named(cards: Wildcards, name: str, says: str) -> None:
    sentence = says.format(folder=cards.folder)
    with pytest.raises(WildcardError, match=sentence):
        cards.resolve(f"__{name}__", 1, "prompt")
    with pytest.raises(WildcardError, match=sentence):
        cards.check(f"{{a|b|c|d|e|f|g|__{name}__}}")


def test_a_file_that_may_not_be_read_is_named(cards: Wildcards, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(WildcardError, match=r"animal.txt in .* cannot be read \(Permission denied\)"):
        cards.check("__animal__")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("cycle", "lead in a cycle, cycle.txt → around.txt → cycle.txt: take"),
        ("deep0", f"More than {DEEPEST} wildcard files"),
        ("bomb", f"longer than {MOST_CHARACTERS} characters"),
    ],
)
def test_files_that_lead_nowhere_are_refused(cards: Wildcards, name: str, says: str) -> None:
    with pytest.raises(WildcardError, match=says):
        cards.resolve(f"__{name}__", 1, "prompt")


def test_a_text_may_not_grow_beyond_what_its_input_takes(cards: Wildcards) -> None:
    assert cards.resolve("__long__", 1, "prompt", longest=40) == "long" * 10
    with pytest.raises(WildcardError, match="longer than 39 characters"):
        cards.resolve("__long__", 1, "prompt", longest=39)


def test_braces_may_stand_in_each_other_as_deep_as_a_text_is_long(cards: Wildcards) -> None:
    assert cards.resolve("{|" * 5000 + "}" * 5000, 1, "prompt") == ""
    assert cards.resolve("{" * 5000 + "}" * 5000, 1, "prompt") == "{" * 5000 + "}" * 5000


JUNK = st.lists(
    st.sampled_from(
        [*(f"__{name}__" for name in (*FILES, "out", "empty", "bytes", "cycle", "nowhere", "é")), *"{|}\\_a/."]
    )
    | st.text(max_size=4),
    max_size=12,
).map("".join)


@given(text=JUNK, seed=SEEDS)
def test_junk_is_resolved_or_refused_in_words(cards: Wildcards, text: str, seed: int) -> None:
    for attempt in (lambda: cards.check(text), lambda: cards.resolve(text, seed, "prompt")):
        try:
            attempt()
        except WildcardError as error:
            assert str(error).endswith(".")  # noqa: PT017 - either way is right


@given(lines=st.lists(JUNK, max_size=4), seed=SEEDS)
def test_junk_in_a_file_is_resolved_or_refused_in_words(cards: Wildcards, lines: list[str], seed: int) -> None:
    (cards.folder / "junk.txt").write_text("\n".join(lines), encoding="utf-8")
    try:
        cards.resolve("__junk__ __junk__", seed, "prompt")
    except WildcardError as error:
        assert str(error).endswith(".")  # noqa: PT017 - either way is right


# --- in a job --------------------------------------------------------------------------------------------------------

PROMPT = "a {red|blue} __animal__"


@dataclass(frozen=True)
class Studio:
    context: StudioContext
    runner: Runner

    def made(self, prompt: str, seed: int | None = 3) -> Job:
        """A job of the model that draws patterns, finished."""
        values = {"prompt": prompt, "seed": seed, "style": "bokeh", "width": 128, "height": 128}
        job = self.context.submit(USER, None, "pattern", values)
        self.runner.run(job.id)
        ended = self.context.jobs.find_any(job.id)
        assert ended is not None
        assert ended.status == JobStatus.COMPLETED
        return ended

    def picture(self, job: Job) -> bytes:
        """The pixels of its result."""
        with Image.open(self.context.media.local_path(str(job.result_url))) as image:
            return image.tobytes()

    def reused(self, job: Job, text: TextMode) -> object:
        event = self.context.reuse_job_input(USER, job.id)
        return plan(event, self.context.model("pattern"), {}, text=text).values["prompt"]


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    """The whole studio on a folder of its own; the tests run its jobs themselves."""
    context, runner = open_studio(Settings(data_dir=tmp_path_factory.mktemp("data")))
    (context.wildcards.folder / "animal.txt").write_text("wild ocean\nquiet forest\n")
    return Studio(replace(context, engine=Engine()), runner)


def test_a_job_runs_with_its_wildcards_resolved_and_keeps_both_texts(studio: Studio) -> None:
    first, second = studio.made(PROMPT), studio.made(PROMPT)
    assert first.options is not None
    assert first.options["prompt"] == first.prompt == PROMPT
    (resolved,) = first.resolved.values()
    animals = ("wild ocean", "quiet forest")
    assert resolved in {f"a {colour} {animal}" for colour in ("red", "blue") for animal in animals}
    assert (second.resolved, studio.picture(second)) == (first.resolved, studio.picture(first))
    plain = studio.made(resolved)
    assert (plain.resolved, studio.picture(plain)) == ({}, studio.picture(first))


def test_either_text_of_a_job_can_be_reused(studio: Studio) -> None:
    job = studio.made(PROMPT)
    assert studio.reused(job, "authored") == PROMPT
    assert studio.reused(job, "resolved") == job.resolved["prompt"]
    assert studio.picture(studio.made(job.resolved["prompt"])) == studio.picture(job)


def test_a_text_reused_as_resolved_is_not_resolved_again(studio: Studio) -> None:
    job = studio.made(r"{red|red} \{x|y|z|w|v\} fox")
    assert job.resolved == {"prompt": "red {x|y|z|w|v} fox"}
    reused = str(studio.reused(job, "resolved"))
    assert reused == r"red \{x\|y\|z\|w\|v\} fox"
    assert studio.made(reused, seed=4).resolved == job.resolved


def test_an_open_seed_resolves_as_the_number_does_that_it_became(studio: Studio) -> None:
    job = studio.made(PROMPT, seed=None)
    assert studio.made(PROMPT, seed=job.seed).resolved == job.resolved


def test_a_file_that_is_not_there_is_named_at_its_field_before_anything_is_made(studio: Studio) -> None:
    before = studio.context.jobs.page(USER, None).total
    for ask in (studio.context.check, lambda *asked: studio.context.submit(asked[0], None, *asked[1:])):
        with pytest.raises(InvalidValuesError) as refused:
            ask(USER, "pattern", {"prompt": "{a|b|c|__dragon__}", "seed": 1})
        (sentence,) = refused.value.fields.items()
        folder = studio.context.wildcards.folder
        says = f"There is no wildcard file dragon.txt: make it in {folder}, one alternative a line."
        assert sentence == ("prompt", says)
    assert studio.context.jobs.page(USER, None).total == before


def test_a_file_that_only_another_file_names_is_missed_at_the_field_too(studio: Studio) -> None:
    (studio.context.wildcards.folder / "far.txt").write_text("__away__")
    with pytest.raises(InvalidValuesError, match=r"away\.txt") as refused:
        studio.made("__far__")
    assert refused.value.fields.keys() == {"prompt"}


def test_only_shown_texts_that_say_so_have_wildcards(tmp_path: Path) -> None:
    model = ModelConfig.model_validate(
        {
            "id": "letters",
            "name": "Letters",
            "type": "image",
            "backend": {"kind": "fake"},
            "parameters": {
                "seed": {"kind": "seed"},
                "dynamic": {"kind": "text", "wildcards": True, "max_length": 20},
                "plain": {"kind": "text"},
                "on": {"kind": "boolean"},
                "hidden": {"kind": "text", "wildcards": True, "depends_on": {"on": True}},
            },
        }
    )
    (tmp_path / "long.txt").write_text("a" * 30)
    studio = replace(memory_studio(model), wildcards=Wildcards(tmp_path))
    job = studio.submit(USER, None, "letters", {"dynamic": "{a|a}", "plain": "{a|a}", "hidden": "__nowhere__"})
    assert job.resolved == {"dynamic": "a"}
    assert job.options == {"seed": None, "dynamic": "{a|a}", "plain": "{a|a}", "on": False}
    with pytest.raises(InvalidValuesError, match="longer than 20 characters"):
        studio.submit(USER, None, "letters", {"dynamic": "__long__"})
