"""The page: form, stage and gallery side by side."""

import gradio as gr

from components.endpoints import Endpoints
from components.form.generation_form import generation_form
from components.form.submission import add_endpoint, wire_generate
from components.gradio_ext.js_component import js_component
from components.gradio_ext.lazy_blocks import LazyBlocks
from components.library.library import Library
from components.library.views import Views
from studio.context import StudioContext


def build_page(context: StudioContext, root_path: str = "") -> LazyBlocks:
    """The whole page over one studio; nothing runs and nothing is read before someone opens it."""
    views = Views(context, root_path)
    blocks: LazyBlocks
    with LazyBlocks(title="Studio", analytics_enabled=False, fill_width=True) as blocks:
        Endpoints(context, views).add_to(blocks)
        library = Library(context, views)
        with gr.Row(elem_classes=["studio-header"]):
            gr.HTML("<h1>Studio</h1>", elem_classes=["studio-name"])
            library.add_bar()
        with gr.Row(elem_id="studio"):
            with gr.Column(elem_classes=["studio-form"]):
                form = generation_form(blocks, context.models(), context.missing)
                for broken in context.broken_models():
                    js_component("form/hint", f"Left out: {broken}", f"broken-{broken.file}")
            with gr.Column(elem_classes=["studio-stage"]):
                library.add_stage()
            with gr.Column(elem_classes=["studio-gallery"]):
                library.add_gallery()
        library.wire(blocks)
        for group in form.groups.values():
            library.after(wire_generate(group, library.workspace, library.current))
            add_endpoint(blocks, context, group, library.workspace)
    return blocks
