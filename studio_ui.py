"""The studio's command: reads the settings once, picks stores, engine and backends, and serves the page."""

import asyncio
import errno
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from pydantic import ValidationError
from sqlalchemy import Engine

from backends.registry import load_backends
from storage.archive.export import Counts, export_archive
from storage.archive.import_ import import_archive
from storage.database import open_database
from storage.drafts import DraftStore
from storage.errors import StorageError, fault_of
from storage.jobs.store import JobStore
from storage.media.probe import MediaLimits
from storage.media.quarantine import named
from storage.media.store import MediaStore
from storage.media.sweep import MEDIA_GRACE, Sweep
from storage.preferences import PreferenceStore
from storage.private import make_private
from storage.tables import now
from storage.workspaces import WorkspaceStore
from studio.context import StudioContext
from studio.errors import EngineBusyError, ModelSourceError, SettingError, WorkerBusyError
from studio.inputs.wildcards import Wildcards
from studio.jobs.job_process import serve
from studio.jobs.job_processes import JobProcesses
from studio.jobs.lifeline import end_now, end_with_parent
from studio.jobs.maintenance import Maintenance
from studio.jobs.queue import JobQueue, only_page
from studio.jobs.readiness import missing
from studio.jobs.runner import RESULTS, Runner
from studio.jobs.supervisor import Supervisor
from studio.models import add_model, check_models, load_models
from studio.settings import LOCAL_USER, Settings, opening

# Gradio takes seconds to import and is for the page alone: a worker and the other commands do without.
if TYPE_CHECKING:
    import gradio as gr

cli = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
models_cli = typer.Typer(help="The studio's models: add one of your own, list them, check them.")
cli.add_typer(models_cli, name="models")
_DataDir = Annotated[Path | None, typer.Option(help="Folder of the database and the media.")]
_ModelsDir = Annotated[Path | None, typer.Option(help="Folder of the model configs.")]
_Models = Annotated[
    list[str] | None, typer.Option(help="A model of your own: my_model.py, a model file, or a folder; repeatable.")
]
_File = Annotated[Path, typer.Argument(help="The archive, such as work.zip.")]
_T = TypeVar("_T")
_User = Annotated[str, typer.Option(help="Whose work it is; without a login it is local.")]


WORKER = (sys.executable, str(Path(__file__).resolve()), "worker")
"""The command of a worker; what it needs to know is in its environment."""


def main() -> None:
    """Run the command line; what keeps the studio from its start is said in one line."""
    try:
        cli()
    except (SettingError, EngineBusyError, WorkerBusyError, ModelSourceError) as error:
        sys.exit(str(error))


@cli.callback(invoke_without_command=True)
def run(
    called: typer.Context,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 takes a free one.")] = None,
    data_dir: _DataDir = None,
    models_dir: _ModelsDir = None,
    models: _Models = None,
) -> None:
    """Serve the studio; what is not given here comes from the STUDIO_… variables of the environment."""
    if called.invoked_subcommand:
        return
    settings = _settings(host=host, port=port, data_dir=data_dir, models_dir=models_dir, models=models)
    _log(settings)
    _check_address(settings)
    context, _ = open_studio(settings)
    with only_page(settings.data_dir):
        _serve(context, settings)


def _serve(context: StudioContext, settings: Settings) -> None:
    """Serve the page until a signal ends it, with a worker beside it."""
    import uvicorn

    from web.app import create_app
    from web.gate.connections import TimedProtocol

    app = create_app(settings, build(context, settings), context.media, context.jobs)
    sweep = Sweep(open_database(settings.database), context.media, settings.uploads, settings.trash_days)
    maintenance = Maintenance(sweep)
    supervisor = Supervisor([*WORKER, "--beside-page"], os.environ | settings.environment)
    # uvicorn raises the signal again once it has closed its connections; this makes an orderly end of it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    sweep.drop_unrecorded()
    supervisor.start()
    maintenance.start()
    try:
        uvicorn.run(
            app,
            host=settings.host,
            port=settings.port,
            log_level=settings.log_level,
            proxy_headers=False,  # the app knows which proxies to believe; uvicorn would take any on this machine
            access_log=settings.log_level == "debug",
            http=TimedProtocol,
            ws="none",
            timeout_graceful_shutdown=3,  # seconds; the page's event streams would hold the server open for ever
        )
    finally:
        maintenance.stop()
        supervisor.stop()


@cli.command("worker")
def worker_command(
    data_dir: _DataDir = None,
    models_dir: _ModelsDir = None,
    beside_page: Annotated[bool, typer.Option(hidden=True, help="End when standard input does.")] = False,
    channel: Annotated[int | None, typer.Option(hidden=True, help="Do the jobs of this file descriptor.")] = None,
) -> None:
    """Run the jobs of a data folder without a page; a page starts such a worker by itself."""
    settings = _settings(data_dir=data_dir, models_dir=models_dir)
    _log(settings)
    context, runner = open_studio(settings)
    if channel is not None:
        serve(Connection(channel), runner)
    if beside_page:
        end_with_parent()
        threading.Thread(target=lambda: (sys.stdin.read(), end_now()), daemon=True).start()
    from studio.jobs.worker import Worker  # with DBOS, which neither the page nor the process of a job needs to start

    processes = JobProcesses(context.jobs, context.registry.models, settings, [*WORKER, "--channel"])
    worker = Worker(context.jobs, processes, settings)
    worker.start(wait=beside_page)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    processes.start()
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        pass
    finally:
        worker.stop()


@cli.command("export")
def export_command(
    file: _File,
    user: _User = LOCAL_USER,
    workspace: Annotated[str | None, typer.Option(help="Name of the workspace; all of them when not given.")] = None,
    data_dir: _DataDir = None,
) -> None:
    """Write a user's finished jobs with their files, workspaces, drafts and preferences to one ZIP file."""
    database, media = _stores(_settings(data_dir=data_dir))
    _say("Exported", lambda: export_archive(database, media, user, file, workspace))
    strays = _tried(lambda: media.quarantine.find(now() - MEDIA_GRACE))
    if strays.unknown:
        print(f"Files in no record of this database: {named(strays.unknown)}.")
    if strays.quarantined:
        print(f"Files in quarantine, which studio_ui.py rescue puts back: {named(strays.quarantined)}.")


@cli.command("import")
def import_command(file: _File, user: _User = LOCAL_USER, data_dir: _DataDir = None) -> None:
    """Give a user what an export wrote: all of it is checked first, and what is there already stays as it is."""
    settings = _settings(data_dir=data_dir)
    _say("Imported", lambda: import_archive(*_stores(settings), user, file, RESULTS, settings.work))


@cli.command("rescue")
def rescue_command(data_dir: _DataDir = None) -> None:
    """Put files back that are in quarantine because no record named them; from now on those that are there stay."""
    _, media = _stores(_settings(data_dir=data_dir))
    print(f"Put back: {_tried(media.quarantine.rescue)} files. A database that knows them finds them again.")


@models_cli.command("add")
def add_command(
    source: Annotated[str, typer.Argument(help="What describes itself, such as my_model.py:generate.")],
    model_id: Annotated[str | None, typer.Option("--id", help="Its id; made of the source when not given.")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Write a file anew that is there already.")] = False,
    data_dir: _DataDir = None,
) -> None:
    """Write a model file for it to the folder `models` of the data folder, from where the next start loads it."""
    settings = _settings(data_dir=data_dir)
    with opening("data_dir"):
        path, config = add_model(source, settings.own_models, load_backends(os.environ), model_id, replace)
    print(f"Added {config.name} as {config.id}: {path}")


@models_cli.command("list")
def list_command(data_dir: _DataDir = None, models: _Models = None) -> None:
    """Print every model with its id, its name and what runs it, or what is missing before it can run."""
    settings, backends = _settings(data_dir=data_dir, models=models), load_backends(os.environ)
    for config in load_models(settings, backends).models.values():
        print(f"{config.id}\t{config.name}\t{missing(config, backends) or config.backend.kind}")


@models_cli.command("check")
def check_command(
    sources: Annotated[list[str] | None, typer.Argument(help="Files and folders; all models when not given.")] = None,
    data_dir: _DataDir = None,
) -> None:
    """Read models and say what is wrong with which; ends with 1 when anything is."""
    settings, backends = _settings(data_dir=data_dir, models=sources), load_backends(os.environ)
    registry = check_models(settings.models, settings, backends) if sources else load_models(settings, backends)
    for broken in registry.broken:
        print(broken)
    print(f"{len(registry.models)} models load, {len(registry.broken)} do not.")
    if registry.broken:
        raise typer.Exit(1)


def _say(done: str, work: Callable[[], Counts]) -> None:
    counts = asdict(_tried(work))
    print(f"{done}: {', '.join(f'{count} {what}' for what, count in counts.items())}.")


def _tried(work: Callable[[], _T]) -> _T:
    """What stands in its way ends the command in one line."""
    try:
        return work()
    except (StorageError, OSError) as error:
        sys.exit(fault_of(error) or str(error))


def _stores(settings: Settings) -> tuple[Engine, MediaStore]:
    """What a setting names and cannot be opened is a SettingError."""
    with opening("data_dir"):
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        make_private(settings.data_dir)
        TemporaryFile(dir=settings.data_dir).close()  # it may have been there and be closed to writing
        for scratch in (settings.uploads, settings.work):
            scratch.mkdir(exist_ok=True)
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
    backends = load_backends(os.environ)
    registry = load_models(settings, backends)
    for broken in registry.broken:
        logging.getLogger(__name__).warning("Left out a model: %s", broken)
    jobs = JobStore(database)
    runner = Runner(jobs, media, registry.models, backends, settings)
    workspaces, drafts, preferences = WorkspaceStore(database), DraftStore(database), PreferenceStore(database)
    wildcards = Wildcards(settings.wildcards)
    queue, days = JobQueue(jobs, settings.data_dir), settings.trash_days
    context = StudioContext(registry, jobs, workspaces, media, drafts, preferences, backends, queue, wildcards, days)
    return context, runner


def build(context: StudioContext, settings: Settings) -> "gr.Blocks":
    """The page, with Gradio told to keep uploads in the data folder and to report to nobody."""
    from components.page import build_page

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
