"""How errors reach the user."""

from html import escape

import gradio as gr


def refusal(error: Exception, title: str = "Not done") -> gr.Error:
    """The error as a toast, which Gradio draws as HTML: so its text is escaped."""
    return gr.Error(escape(str(error)), title=title, print_exception=False)
