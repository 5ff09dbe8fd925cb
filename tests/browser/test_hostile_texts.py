"""Texts that would run as a script, in every place where a page shows what users, models and files say: none runs."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from model_configs.schema import ModelConfig
from storage.jobs import NewJob
from studio.context import StudioContext
from studio.settings import LOCAL_USER, Settings
from studio_ui import open_studio
from tests import media_samples
from tests.browser.conftest import Studio
from tests.hostile_texts import HOSTILE_TEXTS, MARKUP

LISTEN = """
  window.ran = [];
  for (const name of ["alert", "confirm", "prompt", "print"]) window[name] = (what) => window.ran.push(String(what));
"""
TEXTS = """(nodes) => nodes.map((node) => node.textContent)"""

PER_MODEL = 16


def groups() -> list[tuple[str, ...]]:
    """The texts of each model."""
    return [HOSTILE_TEXTS[start : start + PER_MODEL] for start in range(0, len(HOSTILE_TEXTS), PER_MODEL)]


def model(place: int, texts: tuple[str, ...]) -> dict[str, Any]:
    """A config that says hostile things wherever it may say something."""
    parameters: dict[str, Any] = {"image": {"kind": "image", "label": texts[0], "help": texts[0]}}
    for index, text in enumerate(texts):
        parameters[f"text_{index}"] = {
            "kind": "text",
            "label": text,
            "help": text,
            "placeholder": text,
            "required": True,
        }
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
    return {**head, "backend": {"kind": "local"}, "parameters": parameters}


def put_job(studio: StudioContext, config: ModelConfig, text: str, picture: str) -> None:
    """A failed job that says the text in all its columns."""
    texts = {name: text for name, parameter in config.parameters.items() if parameter.kind == "text"}
    lora = [{"path": text, "weight": 1.0}]
    options = {**texts, "image": picture, "mode": text, "many": [text], "lora": lora, text: text, "stranger": [text]}
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
            media=(picture,),
        )
    )
    studio.jobs.start(job.id)
    studio.jobs.report(job.id, 0.5, text)
    studio.jobs.fail(job.id, text)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """A studio whose models, jobs, workspaces and files are called by every hostile text."""
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "models").mkdir()
    for place, texts in enumerate(groups()):
        (folder / "models" / f"{place}.yaml").write_text(json.dumps(model(place, texts)), encoding="utf-8")
    (folder / "models" / "broken.yaml").write_text("id: '<img src=x onerror=alert(0)>'\n", encoding="utf-8")
    studio, _ = open_studio(Settings(data_dir=folder / "data", models_dir=folder / "models"))
    assert len(studio.registry.models) == len(groups())
    for index, text in enumerate(HOSTILE_TEXTS):
        config = studio.registry.models[f"hostile-{index // PER_MODEL}"]
        if text != "__proto__":
            studio.workspaces.create(LOCAL_USER, text)
        picture = media_samples.png(folder / "picture.png", seed=index)
        put_job(studio, config, text, studio.media.put(LOCAL_USER, picture, text).key)
    server = Studio(folder / "data", STUDIO_MODELS_DIR=str(folder / "models"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def page(chromium: Browser, hostile: Studio) -> Iterator[Page]:
    """A page that notes whatever runs."""
    hostile.forget_forms()
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    shown = context.new_page()
    shown.add_init_script(LISTEN)
    shown.set_default_timeout(45_000)
    shown.goto(hostile.url)
    expect(shown.locator(".gallery .count")).to_have_text(f"{len(HOSTILE_TEXTS)} jobs")
    yield shown
    shown.wait_for_function("document.getAnimations().every((one) => one.playState !== 'pending')")
    assert shown.evaluate("window.ran") == []
    assert shown.locator(MARKUP).count() == 0
    context.set_offline(True)  # a draft that the page sends when it goes would come into the next test
    context.close()


def texts_of(found: Locator) -> list[str]:
    return [" ".join(text.split()) for text in found.evaluate_all(TEXTS)]


def spaced(texts: Any) -> list[str]:
    return [" ".join(text.split()) for text in texts]


def test_cards_details_reports_and_fields(page: Page) -> None:
    left = len(HOSTILE_TEXTS)
    while left:
        cards = page.locator(".card")
        count = min(left, 24)
        expect(cards).to_have_count(count)
        expected = spaced(reversed(HOSTILE_TEXTS[left - count : left]))
        assert texts_of(page.locator(".card .about .prompt")) == expected
        assert texts_of(page.locator(".card .about .why")) == expected
        for index in range(0, count, 8):
            look_at(page, cards.nth(index), expected[index])
        left -= count
        if left:
            page.get_by_role("button", name="Older jobs").click()
            expect(cards.first.locator(".prompt")).to_have_text(HOSTILE_TEXTS[left - 1])


def look_at(page: Page, card: Locator, text: str) -> None:
    """Everything that one job shows, and its reuse."""
    card.locator(".open").click()
    details = page.locator("dialog.job-details")
    expect(details.locator(".details-prompt").first).to_contain_text(text[:20])
    assert text in texts_of(details.locator("dd"))
    details.locator("[data-do=close]").click()
    card.locator(".reuse").click()
    expect(card.locator(".reuse[data-end=done]")).to_be_attached()
    expect(page.locator("#notice .notice-lines")).to_contain_text("has no such input")
    card.locator(".reuse-more").click()
    page.get_by_role("menuitem", name="Choose…").click()
    expect(page.locator("dialog.choose")).to_be_visible()
    page.locator("dialog.choose [data-do=close]").click()


def test_forms_with_what_is_wrong_at_their_fields(page: Page) -> None:
    for place in range(len(groups())):
        page.locator(".model-choice input:visible").click()
        page.get_by_role("option", name=model(place, groups()[place])["name"], exact=True).click()
        group = page.locator(f"#group-hostile-{place}")
        expect(group).to_be_visible()
        group.locator(".advanced button").first.click()
        group.locator(".generate").click()
        expect(group.locator(".validation-error").first).to_be_visible()
        first = HOSTILE_TEXTS[place * PER_MODEL]
        expect(group.locator(".validation-error").first).to_contain_text(first)
    assert any("broken.yaml" in text for text in texts_of(page.locator(".hint")))


def test_workspaces(page: Page) -> None:
    page.locator(".workspace-choice input").click()
    offered = texts_of(page.get_by_role("option"))
    assert {text.removeprefix("✓ ") for text in offered} >= set(spaced(HOSTILE_TEXTS[:10]))
    page.get_by_role("option").nth(5).click()
    expect(page.locator(".gallery .count")).to_have_text("0 jobs")
    page.locator(".workspace-rename").click()
    box = page.locator(".workspace-name textarea, .workspace-name input")
    expect(box).not_to_have_value("")
    box.fill(HOSTILE_TEXTS[0])
    page.locator(".workspace-save").click()
    expect(page.locator(".toast-body")).to_contain_text(HOSTILE_TEXTS[0])
