"""Assembles the web app: the page, the routes of its files, and the guards before both."""

from urllib.parse import urlsplit

import gradio as gr
from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Route

from components.addresses import CHOICE, JOB, LIVE, MEDIA, PREVIEW, RESULTS
from components.theme import page_assets
from components.users import UserOf, local_user
from storage.accounts import AccountStore
from storage.jobs.store import JobStore
from storage.media.store import MediaStore
from studio.jobs.previews import Previews
from studio.settings import Settings, on_space, opening
from web.auth.accounts import Accounts
from web.auth.hugging_face import HuggingFace, OAuthStep, SignIn
from web.auth.sign_out import EndedLogins, sign_out_route
from web.auth.visitors import Entrance, Visitors, visitors_key
from web.files import ChoicePictures, Files, JobPreviews, PictureOf
from web.gate.bodies import SmallForms
from web.gate.gradio_app import gradio_app
from web.gate.guard import API, Front, Guard, Shell
from web.gate.hosts import Forwarded, Hosts
from web.gate.logins import use_logins
from web.gate.oauth import add_steps
from web.gate.sessions import Sessions
from web.health import Health
from web.live import WhatIsNew, WhatIsNewRoute
from web.results import Results, WholeJobs, WriteJob
from web.scripts import PageScript


def create_app(
    settings: Settings,
    blocks: gr.Blocks,
    media: MediaStore,
    *,
    jobs: JobStore | None = None,
    health: Health | None = None,
    picture_of: PictureOf | None = None,
    write_job: WriteJob | None = None,
    accounts: AccountStore | None = None,
    what_is_new: WhatIsNew | None = None,
) -> FastAPI:
    """The whole studio as an ASGI app, with the login of the settings.

    Each optional argument brings a route: `jobs` live previews, `picture_of` pictures of choices, `write_job` whole
    jobs, `what_is_new` news. A login by password needs the `accounts`.
    """
    app = FastAPI(openapi_url=None)
    files = Files(media, Previews(media), settings.uploads, settings.work)
    app.add_api_route(f"{MEDIA}/{{key:path}}", files.media, methods=["GET", "HEAD"], response_model=None)
    if jobs is not None:
        app.add_api_route(f"{PREVIEW}/{{job_id}}", JobPreviews(jobs).get, methods=["GET"], response_model=None)
        app.add_api_route(RESULTS, Results(jobs, media).post, methods=["POST"], response_model=None)
    if picture_of is not None:
        choices = ChoicePictures(picture_of)
        app.add_api_route(f"{CHOICE}/{{model_id}}/{{name}}", choices.get, methods=["GET"], response_model=None)
    if write_job is not None:
        whole = WholeJobs(write_job, settings.work)
        app.add_api_route(f"{JOB}/{{job_id}}", whole.get, methods=["GET"], response_model=None)
    match settings.login:
        case "none":
            _mount_page(app, settings, blocks, local_user)
        case "password":
            if accounts is None:
                raise ValueError("a login by password needs accounts")
            signing_in = Accounts(settings.accounts, visitors_key(settings.visitors_key), accounts)
            _mount_page(app, settings, blocks, signing_in.of)
            use_logins(app.state.gradio, signing_in.suffix, signing_in.logins)
            app.router.routes[:0] = [signing_in.route(), sign_out_route(signing_in.sign_out)]
        case "huggingface":
            with opening("data_dir"):
                hugging_face = HuggingFace(EndedLogins(settings.ended_logins))
            add_steps(app, OAuthStep)
            _mount_page(app, settings, blocks, hugging_face.of)
            app.router.routes[:0] = [Route("/", SignIn(app.state.document)), sign_out_route(hugging_face.sign_out)]
        case "anonymous":
            visitors = Visitors(
                visitors_key(settings.visitors_key), on_space(), urlsplit(settings.root_path).path or "/"
            )
            _mount_page(app, settings, blocks, visitors.of)
            app.router.routes.insert(0, Route("/", Entrance(app.state.document, visitors)))
    sessions = Sessions(app.state.gradio, app.state.user_of, files.owns, settings.media)
    guard = Guard(sessions, files.upload, files.record, files.drop, settings.max_upload_mb)
    app.router.routes.insert(0, Route(f"{API}/{{call:path}}", guard))
    if health is not None:
        app.router.routes.insert(0, health.route())
    if what_is_new is not None:  # the first of all, for it is asked most
        app.router.routes.insert(0, Route(LIVE, WhatIsNewRoute(what_is_new).get))
    _add_middleware(app, settings)
    return app


def _mount_page(app: FastAPI, settings: Settings, blocks: gr.Blocks, user_of: UserOf) -> None:
    # Lets a form hand in a stored file where it lies; who may have it is decided by files.py and the context.
    gr.set_static_paths([settings.media])
    app.state.user_of = user_of
    app.state.gradio = gradio_app(
        app,
        blocks,
        auth=_nobody if settings.login == "password" else None,
        auth_dependency=None if settings.login == "password" else user_of,
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
    script = PageScript()
    app.state.document = script.document(app.state.gradio)
    app.router.routes += [script.route(), Route("/{path:path}", Shell(app.state.gradio, app.state.document))]


def _nobody(_name: str, _password: str) -> bool:
    """Makes Gradio show its sign-in page, and refuses every login of Gradio's own."""
    return False


def _add_middleware(app: FastAPI, settings: Settings) -> None:
    """The last one added is the outermost."""
    # An empty list of origins; without it Gradio lets every site read answers with the user's cookies.
    app.add_middleware(CORSMiddleware, allow_origins=[])
    app.add_middleware(SmallForms, api=API)
    app.add_middleware(Front, max_upload_mb=settings.max_upload_mb, hosts=Hosts.of(settings))
    app.add_middleware(Forwarded, proxies=settings.proxies)
