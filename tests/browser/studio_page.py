"""The page as a user has it: fields by their parameters' names, cards newest first. Everything is read from the DOM."""

import base64
import json
import re
import sqlite3
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from playwright.sync_api import ConsoleMessage, Locator, Page, expect

from model_configs.registry import load_registry
from model_configs.schema import Audio, Boolean, Choice, Choices, Image, Loras, Text, Video

MODELS = load_registry().models
JOB_SECONDS = 180
_TABS = {"image": "Image", "video": "Video", "audio": "Audio"}
_FETCH = """async (url) => {
  const bytes = new Uint8Array(await (await fetch(url)).arrayBuffer());
  let text = "";
  for (let i = 0; i < bytes.length; i += 32768) text += String.fromCharCode(...bytes.subarray(i, i + 32768));
  return btoa(text);
}"""

_FRAMES = """async (number = 4) => {
  while (number--) await new Promise(requestAnimationFrame);
}"""


class StudioPage:
    """Drives one browser tab."""

    def __init__(self, page: Page, url: str, data_dir: Path) -> None:
        self.page = page
        self.errors: list[str] = []
        self._url = url
        self._database = data_dir / "studio.db"
        page.set_default_timeout(45_000)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._hear)
        page.on("dialog", lambda dialog: self.errors.append(f"a dialog opened: {dialog.message}"))

    def _hear(self, said: ConsoleMessage) -> None:
        refused = "status of 422" in said.text  # how Gradio answers values that a field's validator refuses
        if said.type == "error" and not refused:
            self.errors.append(f"{said.text} ({said.location.get('url')})")

    # --- going places

    def open(self) -> None:
        """Load the page and wait until the gallery has been drawn."""
        self.page.goto(self._url)
        expect(self.page.locator(".gallery .count")).to_contain_text("job")

    def reload(self) -> None:
        """Load the page again, as it is for this user now; the workspace stays the test's own."""
        self.open()
        self.switch_workspace(self.workspace)

    def new_workspace(self, name: str | None = None) -> None:
        """Make a workspace and switch to it."""
        self.workspace = name or f"w {uuid.uuid4().hex[:8]}"
        self.page.locator(".workspace-new").click()
        self.page.locator(".workspace-name textarea, .workspace-name input").fill(self.workspace)
        self.page.locator(".workspace-save").click()
        expect(self.page.locator(".workspace-choice input")).to_have_value(self.workspace)
        expect(self.page.locator(".gallery .count")).to_have_text("0 jobs")

    def switch_workspace(self, name: str) -> None:
        """Choose the workspace in the bar."""
        self._pick(self.page.locator(".workspace-choice input"), name)

    def choose(self, model_id: str) -> None:
        """Show the form of a model."""
        config = MODELS[model_id]
        self.page.get_by_role("tab", name=_TABS[config.type]).click()
        self._pick(self.page.locator(".model-choice input:visible"), config.name)
        expect(self.group(model_id)).to_be_visible()

    def group(self, model_id: str) -> Locator:
        """The part of the form that belongs to a model."""
        return self.page.locator(f"#group-{model_id}")

    def _pick(self, box: Locator, label: str) -> None:
        if box.input_value() != label:
            box.click()
            self.page.get_by_role("option", name=label, exact=True).locator("visible=true").click()
            expect(box).to_have_value(label)

    # --- fields

    def field(self, model_id: str, name: str) -> Locator:
        """The component of a parameter; what folds it away is opened first."""
        if MODELS[model_id].parameters[name].group == "advanced":
            fold = self.group(model_id).locator(".advanced button").first
            if self.group(model_id).locator(".advanced .field").count() == 0:
                fold.click()
                expect(self.group(model_id).locator(".advanced .field").first).to_be_visible()
                self._settle()
        return self.page.locator(f"#field-{model_id}-{name}")

    def fill(self, model_id: str, values: Mapping[str, Any]) -> None:
        """Enter the values in their order; a path is uploaded."""
        for name, value in values.items():
            self._set(model_id, name, value)

    def _set(self, model_id: str, name: str, value: Any) -> None:
        parameter, field = MODELS[model_id].parameters[name], self.field(model_id, name)
        expect(field).to_be_visible()
        self._settle()
        match parameter:
            case Image() | Video() | Audio():
                field.locator("input[type=file]").first.set_input_files(value)
                expect(field.locator(f"{_SHOWN[parameter.kind]}").first).to_be_attached()
            case Boolean():
                field.locator("input[type=checkbox]").set_checked(value)
            case Choice() if field.locator("input[type=radio]").count():
                field.get_by_text(_label(parameter, value), exact=True).click()
            case Choice():
                self._pick(field.locator("input"), _label(parameter, value))
            case Choices():
                for option in parameter.choices:
                    field.get_by_label(option.label, exact=True).set_checked(option.value in value)
            case Text():
                field.locator("textarea, input").fill(value)
            case Loras():
                for index, lora in enumerate(value):
                    field.locator("[data-do=add]").click()
                    field.get_by_label(f"LoRA {index + 1}", exact=True).fill(lora["path"])
                    field.get_by_label(f"Weight of LoRA {index + 1}", exact=True).fill(str(lora["weight"]))
            case _:
                field.locator("input:not([type=range])").fill("" if value is None else str(value))
                field.locator("input:not([type=range])").blur()

    def _settle(self) -> None:
        """A field that has just appeared takes its value anew within a frame or two; what is typed before is lost."""
        self.page.evaluate(_FRAMES)

    def read(self, model_id: str, name: str) -> Any:
        """What the page shows for a parameter: for a file its bytes, for a choice its value."""
        parameter, field = MODELS[model_id].parameters[name], self.field(model_id, name)
        match parameter:
            case Image() | Video() | Audio():
                return self._bytes(field, parameter.kind)
            case Boolean():
                return field.locator("input[type=checkbox]").is_checked()
            case Choice() if field.locator("input[type=radio]").count():
                return _value(parameter, field.locator("label:has(input:checked)").inner_text())
            case Choice():
                return _value(parameter, field.locator("input").input_value())
            case Choices():
                texts = field.locator("label:has(input:checked)").all_inner_texts()
                return [_value(parameter, text) for text in texts]
            case Text():
                return field.locator("textarea, input").input_value()
            case Loras():
                rows = field.locator(".lora-rows li").all()
                return [
                    {"path": row.locator("input").nth(0).input_value(), "weight": _number(row.locator("input").nth(1))}
                    for row in rows
                ]
            case _:
                return _number(field.locator("input:not([type=range])"))

    def read_all(self, model_id: str) -> dict[str, Any]:
        """Everything that shows on the form of a model."""
        self.field(model_id, next(reversed(MODELS[model_id].parameters)))
        shown = [name for name in MODELS[model_id].parameters if self.field(model_id, name).is_visible()]
        return {name: self.read(model_id, name) for name in shown}

    def _bytes(self, field: Locator, kind: str) -> bytes | None:
        shown = field.locator(_SHOWN[kind])
        if shown.count() == 0:
            return None
        url = shown.first.evaluate("(node) => node.src || node.href")
        return base64.b64decode(self.page.evaluate(_FETCH, url))

    # --- jobs

    @property
    def cards(self) -> Locator:
        """The jobs of the gallery, newest first."""
        return self.page.locator(".card")

    def generate(self, model_id: str, status: str = "completed") -> Locator:
        """Press Generate and wait for the new card to have ended so."""
        before = self.cards.count()
        self.group(model_id).locator(".generate").click()
        expect(self.cards).to_have_count(before + 1)
        expect(self.cards.first).to_have_class(has(f"is-{status}"), timeout=JOB_SECONDS * 1000)
        return self.cards.first

    def reuse(self, card: Locator) -> None:
        """Press Reuse and wait until the form says that it is filled."""
        card.locator(".reuse").click()
        expect(card.locator(".reuse[data-end=done], .reuse[data-end=error]")).to_be_attached()

    @property
    def notice(self) -> Locator:
        """What the form has to say."""
        return self.page.locator("#notice .notice")

    def job(self, card: Locator) -> dict[str, Any]:
        """The job's row in the database."""
        with sqlite3.connect(f"file:{self._database}?mode=ro", uri=True) as connection:
            connection.row_factory = sqlite3.Row
            row = connection.execute("SELECT * FROM job WHERE id = ?", [card.get_attribute("data-job")]).fetchone()
        return {**dict(row), "options": json.loads(row["options"])}

    def mark(self, card: Locator, status: str) -> None:
        """Give the job another status behind the page's back."""
        self.store(card, "status", status)
        expect(card).to_have_class(has(f"is-{status}"))

    def store(self, card: Locator, column: str, value: str) -> None:
        """Write into the job's row, as no one should."""
        with sqlite3.connect(self._database) as connection:
            connection.execute(f"UPDATE job SET {column} = ? WHERE id = ?", [value, card.get_attribute("data-job")])

    def wait_until(self, holds: Callable[[], bool]) -> None:
        """Let the page go on until something outside of it holds."""
        for _ in range(400):
            if holds():
                return
            self.page.wait_for_timeout(25)
        raise AssertionError("it never came to hold")

    def result(self, card: Locator) -> bytes:
        """The bytes of the job's result, as the page would get them."""
        return base64.b64decode(self.page.evaluate(_FETCH, f"{self._url}/studio/media/{self.job(card)['result_url']}"))


_SHOWN = {
    "image": "img[src*='/studio/media/'], img[src*='/gradio_api/file=']",
    "video": "video[src*='/studio/media/'], video[src*='/gradio_api/file=']",
    "audio": "a[href*='/studio/media/'], a[href*='/gradio_api/file=']",
}


def _label(parameter: Choice | Choices, value: Any) -> str:
    return next(option.label for option in parameter.choices if option.value == value)


def _value(parameter: Choice | Choices, label: str) -> Any:
    return next(option.value for option in parameter.choices if option.label == label.strip())


def _number(box: Locator) -> float | None:
    text = box.input_value()
    return None if text == "" else float(text)


def has(name: str) -> re.Pattern[str]:
    """Matches a class attribute that names this class."""
    return re.compile(rf"(^|\s){name}(\s|$)")
