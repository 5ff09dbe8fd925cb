"""Assembles the web app: the page, the routes of its files, and the guards before both."""

import gradio as gr
from fastapi import FastAPI
from gradio.route_utils import FnIndexInferError
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Route

from components.bodies import SmallForms
from components.files import MEDIA, Files
from components.guard import API, Front, Guard, Shell, not_found
from components.passing_sessions import keep_no_sessions
from components.sessions import Sessions
from components.sign_in import SignIn, add_hugging_face
from components.theme import page_assets
from components.users import UserOf, account_of, hugging_face_user, local_user
from components.visitors import Entrance, Visitors, visitors_key
from storage.media import MediaStore
from studio.previews import Previews
from studio.settings import Settings, on_space


def create_app(settings: Settings, blocks: gr.Blocks, media: MediaStore) -> FastAPI:
    """The whole studio as an ASGI app, with the login of the settings."""
    app = FastAPI(openapi_url=None)
    files = Files(media, Previews(media), settings.uploads)
    app.add_api_route(f"{MEDIA}/{{key:path}}", files.media, methods=["GET", "HEAD"], response_model=None)
    match settings.login:
        case "none":
            _mount_page(app, settings, blocks, local_user)
        case "password":
            _mount_page(app, settings, blocks, account_of)
        case "huggingface":
            add_hugging_face(app)
            _mount_page(app, settings, blocks, hugging_face_user)
            app.router.routes.insert(0, Route("/", SignIn(app.state.gradio)))
        case "anonymous":
            visitors = Visitors(visitors_key(settings.visitors_key), on_space(), settings.root_path or "/")
            _mount_page(app, settings, blocks, visitors.of)
            app.router.routes.insert(0, Route("/", Entrance(app.state.gradio, visitors)))
    sessions = Sessions(app.state.gradio, app.state.user_of, files.owns, settings.media)
    guard = Guard(sessions, files.upload, files.record, settings.max_upload_mb)
    app.router.routes.insert(0, Route(f"{API}/{{call:path}}", guard))
    _add_middleware(app, settings)
    return app


def _mount_page(app: FastAPI, settings: Settings, blocks: gr.Blocks, user_of: UserOf) -> None:
    # Lets a form hand in a stored file where it lies; who may have it is decided by files.py and the context.
    gr.set_static_paths([settings.media])
    gr.mount_gradio_app(
        app,
        blocks,
        path="/",
        auth=list(settings.accounts) or None,
        auth_dependency=None if settings.accounts else user_of,
        root_path=settings.root_path or None,
        max_file_size=settings.max_upload_mb * 1_000_000,
        show_error=False,
        footer_links=[],
        run_history=False,
        ssr_mode=False,
        mcp_server=False,
        enable_monitoring=False,
        **page_assets(),
    )
    # Seconds between two looks at an empty queue; Gradio's own, a thousandth but on Windows, takes 6 % of a core.
    blocks._queue.sleep_when_free = max(blocks._queue.sleep_when_free, 0.01)
    app.state.user_of = user_of
    app.state.gradio = app.router.routes[-1].app  # type: ignore[attr-defined]  # what mount_gradio_app has mounted
    keep_no_sessions(app.state.gradio, blocks)
    for unknown in (FnIndexInferError, KeyError):  # what Gradio raises for a handler or a page that it does not have
        app.state.gradio.add_exception_handler(unknown, lambda *_: not_found())
    app.router.routes[-1] = Route("/{path:path}", Shell(app.state.gradio))


def _add_middleware(app: FastAPI, settings: Settings) -> None:
    """The last one added is the outermost."""
    # An empty list of origins; without it Gradio lets every site read answers with the user's cookies.
    app.add_middleware(CORSMiddleware, allow_origins=[])
    app.add_middleware(SmallForms, api=API)
    app.add_middleware(Front, max_upload_mb=settings.max_upload_mb)
