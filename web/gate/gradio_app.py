"""Makes Gradio's app as the studio needs it: resting when idle, keeping nothing of a page, and at no address yet."""

from typing import Any

import gradio as gr
from fastapi import FastAPI
from gradio.route_utils import FnIndexInferError
from gradio.routes import App
from starlette.routing import Mount

from components.gradio_ext.idle_queue import rest_when_idle
from web.gate.guard import not_found
from web.gate.transient_sessions import keep_no_sessions
from web.gate.uploads import watch_uploads


def gradio_app(app: FastAPI, blocks: gr.Blocks, **options: Any) -> App:
    """Gradio's app, which starts and ends with `app`; the `options` are those of `gr.mount_gradio_app`.

    That mounts it too: here the mount is taken out again, for whoever has the app decides which routes lead to it.
    """
    watch_uploads()
    gr.mount_gradio_app(app, blocks, path="/", **options)
    mount = app.router.routes.pop()
    assert isinstance(mount, Mount)
    assert isinstance(mount.app, App)
    gradio = mount.app
    rest_when_idle(blocks)
    keep_no_sessions(gradio, blocks)
    for unknown in (FnIndexInferError, KeyError):  # what Gradio raises for a handler or a page that it does not have
        gradio.add_exception_handler(unknown, lambda *_: not_found())
    return gradio
