"""The studio's command: reads the settings once, picks stores, engine and backends, and serves the page."""

import logging
import os
import signal
import sys
from pathlib import Path
from typing import Annotated, Any

import gradio as gr
import typer
import uvicorn
from pydantic import ValidationError

from backends.base import Backend
from backends.local import LocalBackend
from backends.runpod import RunPodBackend
from components.app import create_app
from components.page import build_page
from model_configs.registry import load_registry
from storage.database import open_database
from storage.drafts import DraftStore
from storage.jobs import JobStore
from storage.media import MediaStore
from storage.preferences import PreferenceStore
from storage.probe import MediaLimits
from storage.sweep import Sweep
from storage.workspaces import WorkspaceStore
from studio.context import StudioContext
from studio.errors import EngineBusyError
from studio.maintenance import Maintenance
from studio.runner import Runner
from studio.settings import Settings
from studio.wildcards import Wildcards

cli = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


def main() -> None:
    """Run the command line."""
    cli()


@cli.command()
def run(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 takes a free one.")] = None,
    data_dir: Annotated[Path | None, typer.Option(help="Folder of the database and the media.")] = None,
    models_dir: Annotated[Path | None, typer.Option(help="Folder of the model configs.")] = None,
) -> None:
    """Serve the studio; what is not given here comes from the STUDIO_… variables of the environment."""
    settings = _settings(host=host, port=port, data_dir=data_dir, models_dir=models_dir)
    _log(settings)
    context, runner = open_studio(settings)
    app = create_app(settings, build(context, settings), context.media)
    sweep = Sweep(open_database(settings.database), context.media, settings.uploads, settings.trash_days)
    maintenance = Maintenance(sweep)
    try:
        runner.start()
    except EngineBusyError as error:
        sys.exit(str(error))
    maintenance.start()
    # uvicorn raises the signal again once it has closed its connections; this makes an orderly end of it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        uvicorn.run(
            app,
            host=settings.host,
            port=settings.port,
            log_level=settings.log_level,
            access_log=settings.log_level == "debug",
            timeout_graceful_shutdown=3,  # seconds; the page's event streams would hold the server open for ever
        )
    finally:
        maintenance.stop()
        runner.stop()


def open_studio(settings: Settings) -> tuple[StudioContext, Runner]:
    """Open the data folder, made where it is missing, and put the parts together; nothing runs yet."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    settings.wildcards.mkdir(parents=True, exist_ok=True)
    database = open_database(settings.database)
    registry = load_registry(settings.models_dir)
    for broken in registry.broken:
        logging.getLogger(__name__).warning("Left out a model: %s", broken)
    jobs = JobStore(database)
    limits = MediaLimits(settings.max_upload_mb * 1_000_000, settings.max_pixels)
    media = MediaStore(database, settings.media, limits)
    backends: dict[str, Backend] = {"local": LocalBackend(), "runpod": RunPodBackend(settings.runpod_api_key)}
    runner = Runner(jobs, media, registry.models, backends, settings)
    workspaces, drafts, preferences = WorkspaceStore(database), DraftStore(database), PreferenceStore(database)
    wildcards = Wildcards(settings.wildcards)
    return StudioContext(registry, jobs, workspaces, media, drafts, preferences, backends, runner, wildcards), runner


def build(context: StudioContext, settings: Settings) -> gr.Blocks:
    """The page, with Gradio told to keep uploads in the data folder and to report to nobody."""
    os.environ["GRADIO_TEMP_DIR"] = str(settings.uploads)
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    return build_page(context, settings.root_path)


def _settings(**given: Any) -> Settings:
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        sys.exit(
            "\n".join(
                f"STUDIO_{str(one['loc'][0]).upper()}: {one['msg'].removeprefix('Value error, ')}"
                for one in error.errors()
            )
        )


def _log(settings: Settings) -> None:
    logging.basicConfig(level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for chatty in ("httpx", "alembic"):  # httpx would log every address that is asked, with its query
        logging.getLogger(chatty).setLevel(logging.WARNING)


if __name__ == "__main__":
    main()
