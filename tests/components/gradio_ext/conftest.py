"""An app that is Gradio's alone, with each of its components that the studio has, and a browser that looks at it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
from playwright.sync_api import Browser, Page
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from components.assets import FOLDER
from components.gradio_ext.lazy_blocks import LazyBlocks
from components.theme import WORDS
from tests import media_samples

LARGEST = 12_345_678
MODULES = ("elements", "fields", "server")
NOTE = """
  window.asked = [];
  const own = window.fetch.bind(window);
  window.fetch = (address, options = {}) => {
    const { body, signal } = options;
    asked.push({ address: String(address), body: typeof body === "string" ? body : null, signal: Boolean(signal) });
    return own(address, options);
  };
  window.names = new Set();
  const note = (node) => {
    for (const name of node.classList) names.add(`.${name}`);
    for (const name of ["data-testid", "aria-label"]) names.add(`[${name}="${node.getAttribute(name)}"]`);
  };
  new MutationObserver((changes) => {
    for (const { target, addedNodes } of changes) {
      note(target === document ? document.documentElement : target);
      for (const node of addedNodes) if (node instanceof Element) [node, ...node.querySelectorAll("*")].forEach(note);
    }
  }).observe(document, { childList: true, subtree: true, attributes: true, attributeFilter: ["class"] });
"""
"""Before Gradio's scripts run, as the studio's own does: what they ask, and every name that an element ever had."""

DRAWN = """
  window.drawn = { host: element.textContent, value: props.value, upload: typeof upload, trigger: typeof trigger };
  window.bring = () => trigger("bring", { name: "later" });
  watch("value", () => { window.drawn.watched = props.value; });
"""

REVEAL = """() => {
  fields.untilShown().then(() => { window.revealed = document.getElementById("hidden") !== null; });
  return fields.update({ visible: true });
}"""


def _build(folder: Path) -> LazyBlocks:
    words: dict[str, Any] = {"info": "Help", "interactive": True}
    with LazyBlocks(analytics_enabled=False) as blocks:
        text = gr.Textbox("words", label="Words", elem_id="text", **words)
        number = gr.Number(2, label="Number", elem_id="number", **words)
        gr.Slider(1, 9, 2, label="Slider", elem_id="slider", **words)
        gr.Dropdown(["one", 'two "words"'], label="Dropdown", elem_id="dropdown", **words)
        gr.Radio(["a", "b"], label="Radio", elem_id="radio", **words)
        gr.Checkbox(label="Checkbox", elem_id="checkbox", **words)
        gr.CheckboxGroup(["a", "b"], label="Group", elem_id="group", **words)
        gr.Image(label="Photo", elem_id="photo", sources=["upload", "clipboard"], interactive=True)
        taken = gr.Image(label="Taken", elem_id="taken", sources=["upload"], type="filepath")
        gr.Video(label="Film", elem_id="film", sources=["upload"], interactive=True)
        gr.Audio(label="Sound", elem_id="sound", sources=["upload", "microphone"], interactive=True)
        gr.Image(str(media_samples.image(folder / "a.png")), label="Filled", interactive=True)
        gr.Audio(str(media_samples.audio(folder / "a.wav")), label="Heard", interactive=True)
        gr.Video(str(media_samples.video(folder / "a.mp4")), label="Seen", interactive=True)
        gr.Markdown("A text")
        with gr.Accordion("Advanced", open=False, elem_id="fold"):
            gr.Textbox(label="Folded", elem_id="folded")
        with gr.Tabs(elem_id="tabs") as tabs:
            for type_ in ("image", "video", "audio"):
                with gr.Tab(type_.capitalize() * 4, id=type_):
                    gr.Textbox(label=type_)
        drawn = gr.HTML(
            {"text": "${1 + 1} {{1 + 1}}"}, html_template="", js_on_load=DRAWN, elem_id="drawn", apply_default_css=False
        )
        with gr.Column(elem_id="later") as later:
            brought = gr.Textbox("brought", label="Brought", elem_id="brought")
        in_page = {"queue": False, "show_progress": "hidden"}
        gr.Button("Ask").click(lambda: "answered", None, text)
        gr.Button("Inform").click(lambda: gr.Info("informed"), None, None)
        gr.Button("Draw").click(lambda: {"text": "another"}, None, drawn, queue=False)
        gr.Button("Hide").click(None, None, text, js="() => fields.update({ visible: false })", **in_page)
        gr.Button("Show").click(None, None, text, js="() => fields.update({ visible: true })", **in_page)
        hidden = gr.Textbox(label="Hidden", elem_id="hidden", visible=False)
        gr.Button("Reveal").click(None, None, hidden, js=REVEAL, **in_page)
        gr.Button("Turn").click(None, None, tabs, js="() => fields.update({ selected: 'video' })", **in_page)
        gr.Button("Read").click(None, [taken, number], None, js="(...held) => { window.held = held; }", **in_page)
        bring = drawn.bring(lambda: None, None, None, api_visibility="private", **in_page)
        blocks.leave_out({"later": later}, bring)
        gr.Button("Read more").click(None, brought, None, js="(held) => { window.held = [held]; }", **in_page)
    return blocks


@pytest.fixture(scope="module")
def specimens(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the app is; the page's modules are there too, each by its path."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_ANALYTICS_CACHE_FREQUENCY", str(2**63))  # as in studio_ui.py
        blocks = _build(tmp_path_factory.mktemp("specimens"))
        _, url, _ = blocks.launch(
            prevent_thread_lock=True,
            quiet=True,
            ssr_mode=False,
            max_file_size=LARGEST,
            i18n=gr.I18n(en=WORDS),
            css=".specimen { color: rgb(1, 2, 3); }",
            app_kwargs={"routes": [Mount("/modules", StaticFiles(directory=FOLDER))]},
        )
        yield url
        blocks.close()


@pytest.fixture(scope="module")
def gradios_page(chromium: Browser, specimens: str) -> Iterator[Page]:
    """Gradio's page of them, with the modules of the fence that change nothing by themselves."""
    page = chromium.new_page(color_scheme="dark")
    page.add_init_script(NOTE)
    _open(page, specimens)
    yield page
    page.close()


@pytest.fixture
def fresh_page(gradios_page: Page, specimens: str) -> Page:
    """The same, opened anew."""
    _open(gradios_page, specimens)
    return gradios_page


def _open(page: Page, url: str) -> None:
    page.goto(url)
    page.get_by_label("Words").wait_for()
    for name in MODULES:
        page.evaluate(f"async () => {{ window.{name} = await import('/modules/gradio_ext/{name}.js'); }}")
