"""The page as a user has it: fields by their parameters' names, cards newest first. Everything is read from the DOM."""

import base64
import json
import re
import sqlite3
import time
import uuid
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

from playwright.sync_api import ConsoleMessage, Locator, Page, Request, expect

from components.whole_numbers import from_page
from model_configs.kinds import Colour, Images, Json, Mask, Size
from model_configs.schema import Audio, Boolean, Choice, Choices, Image, Loras, Parameter, Seed, Text, Video
from tests.shipped import SHIPPED

MODELS = SHIPPED
JOB_SECONDS = 180
PATIENCE = 45_000  # ms for whatever else is waited for
_TABS = {"image": "Image", "video": "Video", "audio": "Audio"}
_FETCH = """async (url) => {
  const bytes = new Uint8Array(await (await fetch(url)).arrayBuffer());
  let text = "";
  for (let i = 0; i < bytes.length; i += 32768) text += String.fromCharCode(...bytes.subarray(i, i + 32768));
  return btoa(text);
}"""

_READ_FORM = (Path(__file__).parent / "read_form.js").read_text()
SEND_NOTHING = "() => { window.fetch = () => new Promise(() => {}); }"
"""What a page sends when it goes, the browser sends even when it is offline."""
_FRAMES = """async (number) => {
  while (number--) await new Promise(requestAnimationFrame);
}"""


class StudioPage:
    """Drives one browser tab."""

    def __init__(self, page: Page, url: str, data_dir: Path) -> None:
        self.page = page
        self.errors: list[str] = []
        self._url = url
        self.data_dir = data_dir
        self._database = data_dir / "studio.db"
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._hear)
        page.on("dialog", lambda dialog: self.errors.append(f"a dialog opened: {dialog.message}"))
        self._asked: set[Request] = set()  # with what a form holds, and not answered yet
        page.on(
            "request",
            lambda request: request.url.partition("?")[0].endswith("/keep_draft") and self._asked.add(request),
        )
        page.on("requestfinished", lambda request: self._asked.discard(request))
        page.on("requestfailed", lambda request: self._asked.discard(request))

    def _hear(self, said: ConsoleMessage) -> None:
        # How Gradio answers what an endpoint refuses; of any other error transport.js says more.
        refused = "status of 500" in said.text and "/gradio_api/run/" in said.location.get("url", "")
        if said.type == "error" and not refused:
            self.errors.append(f"{said.text} ({said.location.get('url')})")

    # --- going places

    def open(self) -> None:
        """Load the page and wait until the gallery has been drawn."""
        self.page.goto(self._url, wait_until="commit")
        self._until("() => document.querySelector('.gallery .count')?.textContent.includes('job')")

    def _until(self, holds: str, arg: Any = None, longest: float = PATIENCE) -> None:
        """Look 20 times a second; `expect` waits up to a second between two looks."""
        self.page.wait_for_function(holds, arg=arg, timeout=longest, polling=50)

    def leave(self) -> None:
        """Go where no studio is, when drafts on their way have arrived; what the page sends when it goes does not."""
        self.page.evaluate(SEND_NOTHING)
        self.wait_until(lambda: not self._asked)
        self.page.goto("about:blank")

    def reload(self) -> None:
        """Load the page again, as it is for this user now; the workspace stays the test's own."""
        self.open()
        self.switch_workspace(self.workspace)

    def new_workspace(self, name: str | None = None) -> None:
        """Make a workspace and switch to it."""
        self.workspace = name or f"w {uuid.uuid4().hex[:8]}"
        self.name_workspace("new", self.workspace)
        expect(self.page.locator(".workspace-choice input")).to_have_value(self.workspace)
        expect(self.page.locator(".gallery .count")).to_have_text("0 jobs")

    def name_workspace(self, act: str, name: str) -> None:
        """Press New or Rename, as `act` says, enter the name and save it."""
        self.page.locator(f".workspace-{act}").click()
        box = self.page.locator("#name-dialog-box")
        expect(box).to_be_focused()
        box.fill(name)
        box.press("Enter")
        expect(box).to_be_hidden()

    def switch_workspace(self, name: str) -> None:
        """Choose the workspace in the bar, and wait until the gallery shows it."""
        self._pick(self.page.locator(".workspace-choice input"), name)
        self._until("(name) => document.querySelector('.gallery').dataset.workspace === name", name)

    def choose(self, model_id: str) -> None:
        """Show the form of a model."""
        config = MODELS[model_id]
        self.open_tab(config.type)
        self._pick(self.page.locator(".model-choice input:visible"), config.name)
        always = [name for name, rule in config.conditions.items() if rule is None]
        basic = [f"field-{model_id}-{name}" for name in always if config.parameters[name].group == "basic"]
        self.page.wait_for_function("ids => ids.every((id) => document.getElementById(id)?.offsetParent)", arg=basic)

    def open_tab(self, type_: str) -> None:
        """Show the models that make this."""
        tab = self.page.get_by_role("tab", name=_TABS[type_])
        tab.click()
        expect(tab).to_have_attribute("aria-selected", "true")

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
            folded = self.group(model_id).locator(".advanced .field").locator("visible=true")
            if folded.count() == 0:
                self.group(model_id).locator(".advanced button").first.click()
                expect(folded.first).to_be_visible()
                self._settle(12)  # Gradio waits for all that it is at before it gives them their values again
        return self.page.locator(f"#field-{model_id}-{name}")

    def refusal(self, model_id: str, name: str) -> Locator:
        """What is said at a field that does not take what it holds."""
        return self.page.locator(f"#refusal-{model_id}-{name}")

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
                if field.locator(_SHOWN[parameter.kind]).count():
                    field.get_by_role("button", name=_CLEAR[parameter.kind]).click()
                if value is not None:
                    field.locator("input[type=file]").first.set_input_files(value)
                    field.locator(_SHOWN[parameter.kind]).first.wait_for(state="attached")
            case Images():
                while remove := field.locator("li [data-do=remove]").first:
                    if remove.count() == 0:
                        break
                    remove.dispatch_event("click")
                if value:
                    field.locator("input[type=file]").set_input_files(value)
                expect(field.locator("li[data-file]")).to_have_count(len(value))
            case Mask():
                if value is None:
                    if field.locator("[data-file]").count():
                        field.locator("[data-do=clear]").click()
                    expect(field.locator("[data-file]")).to_have_count(0)
                else:
                    before = field.locator(".mask-box").get_attribute("data-file") or ""
                    field.locator("input[type=file]").set_input_files(value)
                    expect(field.locator(".mask-box")).not_to_have_attribute("data-file", before)
            case Size():
                for side, pixels in value.items():
                    field.locator(f"[data-side={side}]").fill("" if pixels is None else str(pixels))
            case Colour():
                field.locator("input[type=text]").fill(value or "")
            case Json():
                field.locator("textarea").fill(value)
            case Boolean():
                field.locator("input[type=checkbox]").set_checked(value)
            case Choice() if field.locator("input[type=radio]").count():
                field.get_by_text(_label(parameter, value), exact=True).click()
            case Choice() if parameter.choices_from is not None:
                field.locator("input").fill(_label(parameter, value))
                field.locator("input").blur()
            case Choice():
                self._pick(field.locator("input"), _label(parameter, value))
            case Choices():
                for option in parameter.choices:
                    field.get_by_label(option.label, exact=True).set_checked(option.value in value)
            case Text():
                field.locator("textarea, input").fill(value)
            case Loras():
                for _ in field.locator("[data-do=remove]").all():
                    field.locator("[data-do=remove]").first.click()
                for index, lora in enumerate(value):
                    field.locator("[data-do=add]").click()
                    field.get_by_label(f"LoRA {index + 1}", exact=True).fill(lora["path"])
                    field.get_by_label(f"Weight of LoRA {index + 1}", exact=True).fill(str(lora["weight"]))
            case _:
                field.locator("input:not([type=range])").fill("" if value is None else str(value))
                field.locator("input:not([type=range])").blur()

    def _settle(self, frames: int = 4) -> None:
        """A field that has just appeared takes its value again within a frame or two; what is typed before is lost."""
        self.page.evaluate(_FRAMES, frames)

    def read(self, model_id: str, name: str) -> Any:
        """What the page shows for a parameter: for a file its bytes, for a choice its value."""
        expect(self.field(model_id, name)).to_be_visible()
        return self.read_all(model_id)[name]

    def read_all(self, model_id: str) -> dict[str, Any]:
        """Everything that shows on the form of a model."""
        files = MODELS[model_id].media()
        return {
            name: [*map(self.bytes_of, value)]
            if isinstance(value, list) and name in files
            else self.bytes_of(value)
            if name in files and value
            else value
            for name, value in self.read_form(model_id).items()
        }

    def read_form(self, model_id: str) -> dict[str, Any]:
        """The same in one go, with addresses in place of files."""
        parameters = MODELS[model_id].parameters
        shown = self.page.evaluate(_READ_FORM, [model_id, [(name, one.kind) for name, one in parameters.items()]])
        return {name: _value(parameters[name], value) for name, value in shown.items()}

    def bytes_of(self, url: str) -> bytes:
        """What lies behind an address that the page shows."""
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
        self._until("(count) => document.querySelectorAll('.card').length === count", before + 1)
        ended = "(status) => document.querySelector('.card').classList.contains(status)"
        self._until(ended, f"is-{status}", JOB_SECONDS * 1000)
        return self.cards.first

    def enlarge_cards(self) -> None:
        """Have the cards so large that they show all; only on this page, for the next test has its browser too."""
        self.page.locator(".card-size").fill("240")
        expect(self.page.locator(".cards.is-roomy")).to_be_attached()
        self.page.evaluate("localStorage.removeItem('studio-card-size')")

    def show_bin(self) -> None:
        """Show the deleted jobs in place of the others."""
        self.page.get_by_role("button", name="Filters", exact=True).click()
        self.page.locator(".filter-bar [name=trashed]").click()
        expect(self.page.locator(".gallery .count")).to_contain_text("deleted job")

    def reuse(self, card: Locator) -> None:
        """Press Reuse and wait until the form is filled; what the button says of it goes after a second."""
        card.locator(".reuse").click()
        self._until("() => document.querySelector('[data-reusing]') === null")

    def card(self, job_id: str) -> Locator:
        """The card of a job."""
        return self.page.locator(f".card[data-job='{job_id}']")

    def details(self, card: Locator) -> Locator:
        """Select the job, and open its details beside it."""
        card.locator(".open").click()
        details = self.page.locator("dialog.job-details")
        job_id = card.get_attribute("data-job") or ""
        expect(self.page.locator(".scene")).to_have_attribute("data-job", job_id)
        if not details.is_visible():
            self.page.locator(".scene .details-toggle").click()
        expect(details).to_have_attribute("data-job", job_id)
        expect(details).to_be_visible()
        return details

    def ask(self, card: Locator, label: str, in_another: bool = False) -> None:
        """Reuse in one of the ways that the card offers; `in_another` means that the label is the name of a model."""
        if label == "Reuse":
            card.locator(".reuse").click()
            return
        card.locator(".reuse-more").click()
        if in_another:
            self.page.get_by_role("menuitem", name="In another model…").click()
        self.page.get_by_role("menuitem", name=label, exact=True).press("Enter")

    def send_on(self, label: str) -> None:
        """Use what is on the stage as this input."""
        self.page.locator(".scene .send-on").click()
        self.page.get_by_role("menuitem", name=label, exact=True).click()

    def other_models(self, card: Locator) -> list[str]:
        """The names of the other models in which the card can be reused."""
        card.locator(".reuse-more").click()
        self.page.get_by_role("menuitem", name="In another model…").click()
        expect(self.page.locator(".reuse-menu > .menu-title").first).to_have_text(re.compile("^Reuse in$|^No other"))
        names = self.page.locator(".reuse-menu [role=menuitem] > span:first-child").all_inner_texts()
        self.page.keyboard.press("Escape")
        return names

    def ask_in(self, job_id: str, model_id: str) -> None:
        """Reuse a job in a model that the menu does not offer any more, or not yet."""
        self.page.evaluate("([id, model_id]) => void studio.reuse({ id }, { model_id })", [job_id, model_id])

    def prefer(self, card: Locator, label: str) -> None:
        """Say in the card's menu which seed one click on Reuse brings."""
        card.locator(".reuse-more").click()
        self.page.get_by_role("menuitemradio", name=label).click()
        self.page.keyboard.press("Escape")

    def reset(self) -> None:
        """Put the form back to its defaults."""
        with self.page.expect_response("**/gradio_api/run/reset_form*"):
            self.page.locator(".form-tools [data-do=reset]").click()

    @property
    def choosing(self) -> "ChooseDialog":
        """The table of what to reuse, when it has opened."""
        dialog = self.page.locator("dialog.choose")
        expect(dialog).to_be_visible()
        return ChooseDialog(dialog)

    @property
    def notice(self) -> Locator:
        """What the form has to say."""
        return self.page.locator("#notice .notice")

    def job(self, card: Locator) -> dict[str, Any]:
        """The job's row in the database."""
        with sqlite3.connect(f"{self._database.as_uri()}?mode=ro", uri=True) as connection:
            connection.row_factory = sqlite3.Row
            row = connection.execute("SELECT * FROM job WHERE id = ?", [card.get_attribute("data-job")]).fetchone()
        seed = None if row["seed"] is None else row["seed"] % 2**64  # the column has its bits as a signed number
        return {**dict(row), "options": json.loads(row["options"]), "seed": seed}

    def state(self) -> str:
        """What else may matter when the form is not as it must be."""
        shown = "studio.form.selected()"
        return f"has {self.page.evaluate(shown)}, and says: {self.notice.all_inner_texts()}"

    def draft(self, model_id: str) -> dict[str, Any]:
        """What the studio remembers of a form, whose ever it is."""
        with sqlite3.connect(f"{self._database.as_uri()}?mode=ro", uri=True) as connection:
            row = connection.execute('SELECT "values" FROM draft WHERE model_id = ?', [model_id]).fetchone()
        return dict(json.loads(row[0])) if row else {}

    def mark(self, card: Locator, status: str) -> None:
        """Give the job another status behind the page's back."""
        self.store(card, "status", status)
        expect(card).to_have_class(has(f"is-{status}"))

    def store(self, card: Locator, column: str, value: str) -> None:
        """Write into the job's row, as no one should."""
        with sqlite3.connect(self._database) as connection:
            connection.execute(f"UPDATE job SET {column} = ? WHERE id = ?", [value, card.get_attribute("data-job")])

    def wait_until(self, holds: Callable[[], bool], why: Callable[[], str] = lambda: "") -> None:
        """Let the page go on until something outside of it holds; `why` tells what is missing when it never does."""
        end = time.monotonic() + PATIENCE / 1000
        while not holds():
            assert time.monotonic() < end, f"it never came to hold: {why()}"
            self.page.wait_for_timeout(25)

    def result(self, card: Locator) -> bytes:
        """The bytes of the job's result, as the page would get them."""
        return self.bytes_of(f"{self._url}/studio/media/{self.job(card)['result_url']}")

    def made(self, card: Locator) -> bytes:
        """The same without the record of its job, which is another for every job."""
        return self.bytes_of(f"{self._url}/studio/media/{self.job(card)['result_url']}?plain=")


class ChooseDialog:
    """The table of what a form holds and what a job had, with ticks."""

    def __init__(self, dialog: Locator) -> None:
        self.dialog = dialog

    def rows(self) -> list[tuple[str, bool]]:
        """The names of the inputs in their order, and whether they differ."""
        read = "(rows) => rows.map((row) => [row.dataset.name, row.className === 'differs'])"
        return [(name, differs) for name, differs in self.dialog.locator("tbody tr").evaluate_all(read)]

    def tick(self, names: Collection[str]) -> None:
        """Leave no ticks but these, and those that follow them."""
        every = self.dialog.get_by_label("Every row")
        every.set_checked(True)
        every.set_checked(False)
        press = "(ticks, names) => ticks.forEach((tick) => names.includes(tick.value) && !tick.checked && tick.click())"
        self.dialog.locator("tbody input").evaluate_all(press, list(names))

    def ticked(self) -> set[str]:
        return set(
            self.dialog.locator("tbody input:checked").evaluate_all("(ticks) => ticks.map((tick) => tick.value)")
        )

    def apply(self) -> None:
        """Reuse what is ticked."""
        self.dialog.locator("[data-do=apply]").click()

    def close(self) -> None:
        self.dialog.locator("[data-do=close]").click()


_SHOWN = {
    "image": "img[src*='/studio/media/'], img[src*='/gradio_api/file=']",
    "video": "video[src*='/studio/media/'], video[src*='/gradio_api/file=']",
    "audio": "a[href*='/studio/media/'], a[href*='/gradio_api/file=']",
}

_CLEAR = {"image": "Remove Image", "video": "Clear", "audio": "Clear"}


def _label(parameter: Choice | Choices, value: Any) -> str:
    return next((option.label for option in parameter.choices if option.value == value), str(value))


def _value(parameter: Parameter, shown: Any) -> Any:
    """What a label stands for; anything else is the value itself."""
    if isinstance(parameter, Seed):
        return from_page(shown)
    if not isinstance(parameter, Choice | Choices):
        return shown
    values = {option.label: option.value for option in parameter.choices}
    return values.get(shown, shown) if isinstance(parameter, Choice) else [values[label] for label in shown]


def has(name: str) -> re.Pattern[str]:
    """Matches a class attribute that names this class."""
    return re.compile(rf"(^|\s){name}(\s|$)")
