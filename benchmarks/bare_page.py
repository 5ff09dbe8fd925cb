"""The measure of all figures: a Gradio page with one button, whose unqueued event sets one text box.

python benchmarks/bare_page.py PORT
"""

import itertools
import sys

import gradio as gr


def build() -> gr.Blocks:
    """Every press brings a text that has not been there."""
    texts = (f"text {number}" for number in itertools.count(1))
    with gr.Blocks(analytics_enabled=False) as blocks:
        press = gr.Button("Press", elem_id="press")
        text = gr.Textbox(elem_id="text")
        press.click(lambda: next(texts), None, text, queue=False)
    return blocks


if __name__ == "__main__":
    build().launch(server_port=int(sys.argv[1]), ssr_mode=False, quiet=True)
