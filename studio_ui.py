"""The studio's command: reads the settings once, picks stores, engine and backends, and serves the page."""

import asyncio
import errno
import logging
import os
import signal
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryFile
from typing import Annotated, Any

import gradio as gr
import typer
import uvicorn
from pydantic import ValidationError
from sqlalchemy import Engine

from backends.base import Backend
from backends.local import LocalBackend
from backends.runpod import RunPodBackend
from components.app import create_app
from components.connections import TimedProtocol
from components.page import build_page
from model_configs.registry import load_registry
from storage.archive import Counts, export_archive
from storage.archive_import import import_archive
from storage.database import open_database
from storage.drafts import DraftStore
from storage.errors import StorageError
from storage.jobs import JobStore
from storage.media import MediaStore
from storage.preferences import PreferenceStore
from storage.probe import MediaLimits
from storage.sweep import Sweep
from storage.workspaces import WorkspaceStore
from studio.context import StudioContext
from studio.errors import EngineBusyError, SettingError
from studio.maintenance import Maintenance
from studio.runner import RESULTS, Runner
from studio.settings import LOCAL_USER, Settings, opening
from studio.wildcards import Wildcards

cli = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
_DataDir = Annotated[Path | None, typer.Option(help="Folder of the database and the media.")]
_File = Annotated[Path, typer.Argument(help="The archive, such as work.zip.")]
_User = Annotated[str, typer.Option(help="Whose work it is; without a login it is local.")]


def main() -> None:
    """Run the command line; what keeps the studio from its start is said in one line."""
    try:
        cli()
    except (SettingError, EngineBusyError) as error:
        sys.exit(str(error))


@cli.callback(invoke_without_command=True)
def run(
    called: typer.Context,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 takes a free one.")] = None,
    data_dir: _DataDir = None,
    models_dir: Annotated[Path | None, typer.Option(help="Folder of the model configs.")] = None,
) -> None:
    """Serve the studio; what is not given here comes from the STUDIO_… variables of the environment."""
    if called.invoked_subcommand:
        return
    settings = _settings(host=host, port=port, data_dir=data_dir, models_dir=models_dir)
    _log(settings)
    _check_address(settings)
    context, runner = open_studio(settings)
    app = create_app(settings, build(context, settings), context.media)
    sweep = Sweep(open_database(settings.database), context.media, settings.uploads, settings.trash_days)
    maintenance = Maintenance(sweep)
    runner.start()
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
            http=TimedProtocol,
            ws="none",
            timeout_graceful_shutdown=3,  # seconds; the page's event streams would hold the server open for ever
        )
    finally:
        maintenance.stop()
        runner.stop()


@cli.command("export")
def export_command(
    file: _File,
    user: _User = LOCAL_USER,
    workspace: Annotated[str | None, typer.Option(help="Name of the workspace; all of them when not given.")] = None,
    data_dir: _DataDir = None,
) -> None:
    """Write a user's finished jobs with their files, workspaces, drafts and preferences to one ZIP file."""
    settings = _settings(data_dir=data_dir)
    _say("Exported", lambda: export_archive(*_stores(settings), user, file, workspace))


@cli.command("import")
def import_command(file: _File, user: _User = LOCAL_USER, data_dir: _DataDir = None) -> None:
    """Give a user what an export wrote: all of it is checked first, and what is there already stays as it is."""
    settings = _settings(data_dir=data_dir)
    _say("Imported", lambda: import_archive(*_stores(settings), user, file, RESULTS))


def _say(done: str, work: Callable[[], Counts]) -> None:
    try:
        counts = asdict(work())
    except (StorageError, OSError) as error:
        sys.exit(str(error))
    print(f"{done}: {', '.join(f'{count} {what}' for what, count in counts.items())}.")


def _stores(settings: Settings) -> tuple[Engine, MediaStore]:
    """What a setting names and cannot be opened is a SettingError."""
    with opening("data_dir"):
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        TemporaryFile(dir=settings.data_dir).close()  # it may have been there and be closed to writing
    with opening("database_url" if settings.database_url else "data_dir"):
        database = open_database(settings.database)
    limits = MediaLimits(settings.max_upload_mb * 1_000_000, settings.max_pixels)
    with opening("media_url" if settings.media_url else "data_dir"):
        media = MediaStore(database, settings.media, limits, settings.bucket)
        media.check()
    return database, media


def open_studio(settings: Settings) -> tuple[StudioContext, Runner]:
    """Open the data folder, made where it is missing, and put the parts together; nothing runs yet."""
    database, media = _stores(settings)
    with opening("wildcards_dir" if settings.wildcards_dir else "data_dir"):
        settings.wildcards.mkdir(parents=True, exist_ok=True)
    registry = load_registry(settings.models_dir)
    for broken in registry.broken:
        logging.getLogger(__name__).warning("Left out a model: %s", broken)
    jobs = JobStore(database)
    backends: dict[str, Backend] = {"local": LocalBackend(), "runpod": RunPodBackend(settings.runpod_api_key)}
    runner = Runner(jobs, media, registry.models, backends, settings)
    workspaces, drafts, preferences = WorkspaceStore(database), DraftStore(database), PreferenceStore(database)
    wildcards = Wildcards(settings.wildcards)
    days = settings.trash_days
    context = StudioContext(registry, jobs, workspaces, media, drafts, preferences, backends, runner, wildcards, days)
    return context, runner


def build(context: StudioContext, settings: Settings) -> gr.Blocks:
    """The page, with Gradio told to keep uploads in the data folder and to report to nobody."""
    os.environ["GRADIO_TEMP_DIR"] = str(settings.uploads)
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    # How many queued events go by before it sums up all of them, for a page that is closed: else it does so after each.
    os.environ["GRADIO_ANALYTICS_CACHE_FREQUENCY"] = str(2**63)
    return build_page(context, settings.root_path)


def _settings(**given: Any) -> Settings:
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        wrong = [(str(one["loc"][0]), one["msg"].removeprefix("Value error, ")) for one in error.errors()]
        sys.exit("\n".join(str(SettingError(*each)) for each in wrong))


def _check_address(settings: Settings) -> None:
    """See that the studio can listen before jobs begin: a server that ends under a job may count against it."""
    host, port = settings.host, settings.port
    with closing(asyncio.new_event_loop()) as loop:
        try:
            loop.run_until_complete(loop.create_server(asyncio.Protocol, host, port)).close()
        except (OSError, UnicodeError) as error:  # the latter for what no name can be
            taken = isinstance(error, OSError) and error.errno in (errno.EADDRINUSE, errno.EACCES)
            do = "stop what listens there, or choose another port" if taken else "choose an address of this machine"
            problem = f"the studio cannot listen on {host}, port {port} ({error}): {do}"
            raise SettingError("port" if taken else "host", problem) from error


def _log(settings: Settings) -> None:
    logging.basicConfig(level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for chatty in ("httpx", "httpx2", "alembic"):  # the first two would log every address that is asked, with its query
        logging.getLogger(chatty).setLevel(logging.WARNING)


if __name__ == "__main__":
    main()
