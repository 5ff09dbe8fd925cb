"""Texts that would run as a script, in every place where a page shows what users, models and files say: none runs.

All that the page shows has come out of an archive, as what somebody else made does.
"""

import base64
import json
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, PngImagePlugin
from playwright.sync_api import Browser, Locator, Page, expect
from typer.testing import CliRunner

from model_configs.schema import ModelConfig
from storage.archive.export import export_archive
from storage.database import open_database
from storage.jobs.store import NewJob
from studio.context import StudioContext
from studio.settings import LOCAL_USER, Settings
from studio_ui import cli, open_studio
from tests import media_samples
from tests.browser.conftest import Studio
from tests.browser.studio_page import SEND_NOTHING
from tests.hostile_texts import HOSTILE_TEXTS, MARKUP

INSIDE = "which stands inside a file:"
"""Begins what the files say about themselves, which is for nobody to see."""

LISTEN = f"""
  window.ran = [];
  for (const name of ["alert", "confirm", "prompt", "print"]) window[name] = (what) => window.ran.push(String(what));
  const markup = {json.dumps(MARKUP)}, inside = {json.dumps(INSIDE)};
  new MutationObserver((changes) => {{
    for (const node of changes.flatMap(({{ addedNodes }}) => [...addedNodes])) {{
      if (node.matches?.(markup) || node.querySelector?.(markup)) window.ran.push(`markup: ${{node.outerHTML}}`);
      if ((node.outerHTML ?? node.data ?? "").includes(inside)) window.ran.push(node.outerHTML ?? node.data);
    }}
  }}).observe(document, {{ childList: true, subtree: true }});
"""
"""Notes what runs, and what stands in the page that may not, be it only for a moment."""

TEXTS = """(nodes) => nodes.map((node) => node.textContent)"""
VALUES = """(nodes) => nodes.map((node) => node.value)"""

SAVED_AS = """async (pictures) => {
  const answers = await Promise.all(pictures.map(({ src }) => fetch(src)));
  const names = answers.map(({ headers }) => headers.get("content-disposition").replace(/^.*(''|=")|"$/g, ""));
  return names.map(decodeURIComponent);
}"""
"""The names under which a browser saves the pictures."""

UPLOAD = """(files) => {
  for (const [selector, name, content] of files) {
    const input = document.querySelector(selector), chosen = new DataTransfer();
    const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
    chosen.items.add(new File([bytes], name, { type: "image/png" }));
    input.files = chosen.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }
}"""

SAVE = """async (names) => {
  const box = document.querySelector("#name-dialog-box"), said = [];
  for (const name of names) {
    box.value = name;
    document.querySelector(".name-dialog .is-main").click();
    for (let left = 3000; left > 0 && said.at(-1) !== name; left--) {
      await new Promise(requestAnimationFrame);
      const wrong = document.querySelector(".name-wrong").textContent;
      if (wrong.includes(`There is a workspace “${name}” already`)) said.push(name);
    }
  }
  return said;
}"""
"""Saves a workspace under one name after the other; those that are said to be taken."""

PER_MODEL = 16
SHOWN = 39
"""As many letters a report tells of what no model knows."""


def groups() -> list[tuple[str, ...]]:
    """The texts of each model."""
    return [HOSTILE_TEXTS[start : start + PER_MODEL] for start in range(0, len(HOSTILE_TEXTS), PER_MODEL)]


def file_name(text: str) -> str:
    """The text as a file can be called."""
    return text.replace("/", " ").replace("\\", " ")


def model(place: int, texts: tuple[str, ...]) -> dict[str, Any]:
    """A config that says hostile things wherever it may say something."""
    parameters: dict[str, Any] = {}
    for index, text in enumerate(texts):
        says = {"label": text, "help": text}
        parameters[f"text_{index}"] = {"kind": "text", "placeholder": text, "required": True, **says}
        parameters[f"image_{index}"] = {"kind": "image", **says}
    parameters["mode"] = {"kind": "choice", "label": texts[1], "help": texts[1], "choices": list(texts)}
    parameters["few"] = {"kind": "choice", "label": texts[2], "choices": [*texts[:3]], "group": "advanced"}
    parameters["many"] = {"kind": "choices", "label": texts[3], "help": texts[3], "choices": list(texts)}
    parameters["switch"] = {"kind": "boolean", "label": texts[4], "help": texts[4]}
    parameters["amount"] = {
        "kind": "integer",
        "label": texts[5],
        "help": texts[5],
        "default": 1,
        "minimum": 0,
        "maximum": 9,
    }
    parameters["seed"] = {"kind": "seed", "label": texts[6], "help": texts[6]}
    parameters["lora"] = {"kind": "loras", "label": texts[7], "help": texts[7]}
    parameters["sound"] = {"kind": "audio", "label": texts[8]}
    parameters["film"] = {"kind": "video", "label": texts[9]}
    head = {"id": f"hostile-{place}", "name": texts[place][:80], "description": texts[place], "type": "image"}
    return {
        **head,
        "backend": {"kind": "function", "function": "backends.local_models.pattern:run"},
        "parameters": parameters,
    }


def picture(path: Path, text: str, seed: int) -> Path:
    """One that says the text wherever a PNG may say something."""
    said, about = PngImagePlugin.PngInfo(), Image.Exif()
    said.add_itxt("Title", f"{INSIDE} {text}")
    said.add_text("Comment", f"{INSIDE} {text}".encode("ascii", "ignore"))
    about[0x010E] = f"{INSIDE} {text}".encode("ascii", "ignore").decode()
    return media_samples.image(path, (8, 8), seed, format="PNG", pnginfo=said, exif=about.tobytes())


def fill(studio: StudioContext, folder: Path) -> None:
    """Workspaces, files, drafts and jobs that say every text."""
    for index, text in enumerate(HOSTILE_TEXTS):
        if text != "__proto__":
            studio.workspaces.create(LOCAL_USER, text)
        put_job(studio, studio.registry.models[f"hostile-{index // PER_MODEL}"], text, {text: text}, None)
    for place, texts in enumerate(groups()):
        config = studio.registry.models[f"hostile-{place}"]
        files = film_and_sound(studio, folder) if place == 0 else {}
        for index, text in enumerate(texts):
            files[f"image_{index}"] = keep(studio, picture(folder / f"{place}-{index}.png", text, index), text)
        says, typed = ({f"text_{index}": text for index, text in enumerate(some)} for some in (texts, texts[::-1]))
        studio.keep_draft(LOCAL_USER, config.id, {**typed, **files})
        lora = [{"path": text, "weight": 1.0} for text in texts[:4]]
        chosen = {"mode": f"gone: {texts[1]}", "many": list(texts), "lora": lora, **dict.fromkeys(texts, "x")}
        put_job(studio, config, " ".join(texts), {**says, **files, **chosen}, files)


def film_and_sound(studio: StudioContext, folder: Path) -> dict[str, str]:
    """They say all texts wherever they may say something."""
    tags = dict.fromkeys(("title", "artist", "comment"), f"{INSIDE} {' '.join(HOSTILE_TEXTS)}")
    film = media_samples.video(folder / "film.mp4", 0.2, tags=tags)
    sound = media_samples.audio(folder / "sound.mp3", 0.05, tags=tags)
    return {"film": keep(studio, film, HOSTILE_TEXTS[8]), "sound": keep(studio, sound, HOSTILE_TEXTS[9])}


def keep(studio: StudioContext, path: Path, text: str) -> str:
    """The key of the file, which is called by the text."""
    assert INSIDE.encode() in path.read_bytes()
    return studio.media.put(LOCAL_USER, path, file_name(text)).key


def put_job(
    studio: StudioContext, config: ModelConfig, text: str, options: dict[str, Any], files: dict[str, str] | None
) -> None:
    """A job that says the text in all its columns: with files one that made the first of them, else one that failed."""
    job = studio.jobs.create(
        NewJob(
            user_id=LOCAL_USER,
            workspace_id=studio.workspace(LOCAL_USER, None).id,
            type="image",
            model_id=config.id,
            model_version=1,
            prompt=text,
            options=options,
            resolved={"prompt": text},
            seed=1,
            config_snapshot=config.snapshot(),
            media=tuple(files.values()) if files else (),
        )
    )
    studio.jobs.start(job.id)
    studio.jobs.report(job.id, 0.5, text)
    if files:
        studio.jobs.complete(job.id, [files["image_0"]])
    else:
        studio.jobs.fail(job.id, text)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """A studio whose models, jobs, workspaces and files are called by every hostile text."""
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "models").mkdir()
    for place, texts in enumerate(groups()):
        (folder / "models" / f"{place}.yaml").write_text(json.dumps(model(place, texts)), encoding="utf-8")
    (folder / "models" / "broken.yaml").write_text("id: '<img src=x onerror=alert(0)>'\n", encoding="utf-8")
    settings = Settings(data_dir=folder / "made", models_dir=folder / "models")
    studio, _ = open_studio(settings)
    assert len(studio.registry.models) == len(groups())
    fill(studio, folder)
    export_archive(open_database(settings.database), studio.media, LOCAL_USER, folder / "work.zip")
    imported = CliRunner().invoke(cli, ["import", str(folder / "work.zip"), "--data-dir", str(folder / "data")])
    assert imported.exit_code == 0, imported.output
    server = Studio(folder / "data", STUDIO_MODELS_DIR=str(folder / "models"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def page(chromium: Browser, hostile: Studio) -> Iterator[Page]:
    """A page on which nothing runs, and which tells nothing of what stands inside a file."""
    with sqlite3.connect(hostile.data_dir / "studio.db", timeout=30) as connection:
        connection.execute("DELETE FROM preference WHERE name = 'workspace'")  # the one that has the jobs is the first
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    shown = context.new_page()
    shown.add_init_script(LISTEN)
    shown.set_default_timeout(45_000)
    shown.goto(hostile.url)
    expect(shown.locator(".gallery .count")).to_have_text(f"{len(HOSTILE_TEXTS) + len(groups())} jobs")
    yield shown
    shown.wait_for_function("document.getAnimations().every((one) => one.playState !== 'pending')")
    assert shown.evaluate("window.ran") == []
    assert shown.locator(MARKUP).count() == 0
    assert "javascript:" not in shown.evaluate("[...document.links].map((link) => link.protocol)")
    assert INSIDE not in shown.content()
    shown.evaluate(SEND_NOTHING)  # a draft that the page sends when it goes would come into the next test
    context.close()


def press(found: Locator) -> None:
    """At once: a mouse would wait until the page has scrolled there."""
    found.evaluate("(button) => button.click()")


def wait_for(page: Page, selector: str, count: int = 1) -> None:
    """In every frame, as no expectation is."""
    page.wait_for_function(
        "([found, count]) => document.querySelectorAll(found).length === count", arg=[selector, count]
    )


def spaced(texts: Iterable[str]) -> list[str]:
    return [" ".join(text.split()) for text in texts]


def texts_of(found: Locator) -> list[str]:
    return spaced(found.evaluate_all(TEXTS))


def test_cards_searches_and_workspaces(page: Page) -> None:
    expected = [*HOSTILE_TEXTS, *map(" ".join, groups())][::-1]
    look_at_cards(page, expected)
    for texts in groups():
        looked_for = " ".join(reversed(texts))
        page.get_by_role("searchbox", name="Search jobs").fill(looked_for)
        page.get_by_role("searchbox", name="Search jobs").press("Enter")
        expect(page.locator(".gallery .empty q")).to_have_text(looked_for)
    look_at_workspaces(page)


SCROLL_ON = """(number) => {
  const column = document.querySelector(".studio-gallery");
  const words = (card, part) => card.querySelector(`.about ${part}`).textContent;
  for (const card of document.querySelectorAll(".card")) {
    seen.set(card.dataset.job, [words(card, ".prompt"), words(card, ".why")]);
  }
  column.scrollTop += column.clientHeight / 2;
  return seen.size === number;
}"""
"""Notes what the cards say, and scrolls on; true when all of so many have been seen."""


def look_at_cards(page: Page, texts: list[str]) -> None:
    expect(page.locator(".card .prompt").first).to_have_text(texts[0])
    page.evaluate("() => { window.seen = new Map(); }")
    page.wait_for_function(SCROLL_ON, arg=len(texts))
    shown = page.evaluate("[...seen.values()]")
    assert spaced(prompt for prompt, _ in shown) == spaced(texts)
    assert spaced(why for _, why in shown) == spaced(text if text in HOSTILE_TEXTS else "" for text in texts)


def look_at_workspaces(page: Page) -> None:
    """Each name in the list, and in the refusal of a second workspace of that name."""
    names = spaced(text for text in HOSTILE_TEXTS if text != "__proto__")
    page.locator(".workspace-choice input").click()
    options = page.locator("[role=listbox] [role=option]")
    assert [text.removeprefix("✓ ") for text in texts_of(options)] == names
    options.nth(4).click()
    box = page.locator("#name-dialog-box")
    for button, held, some in ((".workspace-new", "", names[::2]), (".workspace-rename", names[4], names[1::2])):
        page.locator(button).click()
        expect(box).to_have_value(held)
        assert page.evaluate(SAVE, some) == some
        page.keyboard.press("Escape")


def test_drafts_uploads_tables_reuses_details_and_reports(page: Page, tmp_path: Path) -> None:
    for place, texts in enumerate(groups()):
        page.locator(".model-choice input:visible").click()
        page.get_by_role("option", name=model(place, texts)["name"], exact=True).click()
        card, names = page.locator(".card").nth(len(groups()) - 1 - place), [file_name(text) for text in texts]
        look_at_draft(page, place, texts)
        upload(page, place, names, tmp_path)
        look_at_table(page, card, texts, names)
        look_at_reuse(page, card, place, texts, names)
        look_at_details(page, card, texts, names)
        look_at_what_is_wrong(page, place, texts)
    assert any("broken.yaml" in text for text in texts_of(page.locator(".hint")))


def typed(page: Page, place: int) -> list[str]:
    """What stands in the text fields of a model."""
    fields = page.locator(f"#group-hostile-{place} .field[id*=-text_] :is(textarea, input)")
    return spaced(fields.evaluate_all(VALUES))


def look_at_draft(page: Page, place: int, texts: tuple[str, ...]) -> None:
    wait_for(page, f"#group-hostile-{place} img[src*='/studio/media/']:not(.peaks img)", len(texts))
    assert typed(page, place) == spaced(reversed(texts))


def upload(page: Page, place: int, names: list[str], folder: Path) -> None:
    """Give every picture's field a file of one of the names."""
    files = []
    for index, name in enumerate(names):
        content = picture(folder / "upload.png", name, seed=100 * place + index + 100).read_bytes()
        field = f"#field-hostile-{place}-image_{index} input[type=file]"
        files.append((field, name, base64.b64encode(content).decode()))
    page.evaluate(UPLOAD, files)
    wait_for(page, f"#group-hostile-{place} img[src*='/gradio_api/file=']", len(names))


def look_at_table(page: Page, card: Locator, texts: tuple[str, ...], names: list[str]) -> None:
    """What the form holds, new files among it, beside what the job had."""
    press(card.locator(".reuse-more"))
    press(page.get_by_role("menuitem", name="Choose…"))
    wait_for(page, "dialog.choose[open]")
    for head in ("Now", "In the job"):
        shown = texts_of(page.locator(f"dialog.choose td[data-head='{head}']"))
        assert set(shown) >= {*spaced(texts), *spaced(names)}
    assert set(texts_of(page.locator("dialog.choose th[scope=row]"))) == set(spaced(texts))
    press(page.locator("dialog.choose [data-do=close]"))


def look_at_reuse(page: Page, card: Locator, place: int, texts: tuple[str, ...], names: list[str]) -> None:
    press(card.locator(".reuse"))
    wait_for(page, ".card .reuse[data-end=done]")
    pictures = f"#group-hostile-{place} img[src*='/studio/media/']:not(.peaks img)"
    wait_for(page, pictures, len(texts))
    saved_as = [name if name.endswith(".png") else f"{name}.png" for name in names]
    assert page.locator(pictures).evaluate_all(SAVED_AS) == saved_as
    assert typed(page, place) == spaced(texts)
    said = texts_of(page.locator("#notice .notice-lines li span:last-child"))
    assert [text for text in spaced(texts) if not any(line.startswith(text[:SHOWN]) for line in said)] == []
    assert any("gone: " in line and "must now be one of" in line for line in said)


def look_at_details(page: Page, card: Locator, texts: tuple[str, ...], names: list[str]) -> None:
    press(card.locator(".open"))
    wait_for(page, f".scene[data-job='{card.get_attribute('data-job')}']")
    press(page.locator(".scene .details-toggle"))
    wait_for(page, "dialog.job-details[open]")
    details = page.locator("dialog.job-details")
    assert texts_of(details.locator(".details-prompt p")) == spaced([" ".join(texts)] * 2)
    assert set(texts_of(details.locator("dd"))) >= {*spaced(texts), *spaced(names)}
    assert set(texts_of(details.locator("dt"))) >= set(spaced(texts))
    press(details.locator("[data-do=closeDetails]"))


def look_at_what_is_wrong(page: Page, place: int, texts: tuple[str, ...]) -> None:
    """All texts are required, and empty."""
    group = f"#group-hostile-{place}"
    press(page.locator(".form-tools [data-do=reset]"))
    wait_for(page, f"{group} img[src*='/studio/media/']", 0)
    press(page.locator(f"{group} .advanced > button"))
    press(page.locator(f"{group} .generate"))
    wait_for(page, f"{group} .refusal", len(texts))
    wrong = texts_of(page.locator(f"{group} .refusal"))
    assert [text for text in spaced(texts) if not any(text in words for words in wrong)] == []
