"""The studio's command: reads the settings once, picks stores, engine and backends, and serves the page."""

import asyncio
import errno
import gc
import json
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from pydantic import ValidationError
from sqlalchemy import Engine

from backends.registry import load_backends
from storage.accounts import AccountStore
from storage.adoption import Adoption
from storage.archive.jobs import JobArchives
from storage.database import open_database, sqlite_file
from storage.drafts import DraftStore
from storage.errors import StorageError, fault_of
from storage.jobs.loaded import Loaded, LoadedStore
from storage.jobs.queue import QueueStore
from storage.jobs.store import DamagedJob, Job, JobStatus, JobStore
from storage.jobs.workers import WorkerStore
from storage.media.probe import MediaLimits
from storage.media.quarantine import named
from storage.media.quotas import Quotas
from storage.media.store import MediaStore
from storage.media.sweep import MEDIA_GRACE, Sweep
from storage.preferences import PreferenceStore
from storage.presets import PresetStore
from storage.private import make_private
from storage.tables import folded, now
from storage.workspaces import Workspace, WorkspaceStore
from studio import log
from studio.choice_lists import ChoiceLists
from studio.context import StudioContext
from studio.doctor import examine, nearest
from studio.errors import (
    EngineBusyError,
    JobNotFoundError,
    ModelSourceError,
    SettingError,
    StudioError,
    WorkerBusyError,
)
from studio.inputs.wildcards import Wildcards
from studio.jobs.job_process import serve
from studio.jobs.job_processes import JobProcesses
from studio.jobs.lanes import Lanes
from studio.jobs.lease import Lease, require_worker
from studio.jobs.lifeline import end_now, end_with_parent
from studio.jobs.loaded import WorkersBoard
from studio.jobs.maintenance import Maintenance
from studio.jobs.page import WorkersView, only_page
from studio.jobs.readiness import missing
from studio.jobs.runner import RESULTS, Runner
from studio.jobs.supervisor import Supervisor
from studio.models import add_model, check_models, load_models
from studio.page_import import PageImport
from studio.settings import LOCAL_USER, Settings, opening

# Gradio takes seconds to import and is for the page alone: a worker and the other commands do without.
if TYPE_CHECKING:
    from components.gradio_ext.lazy_blocks import LazyBlocks
    from storage.archive.export import Counts

cli = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
models_cli = typer.Typer(help="The studio's models: add one of your own, list them, check them, free their memory.")
jobs_cli = typer.Typer(help="The jobs of a user: list them, look at one, cancel them, run one again, give them away.")
users_cli = typer.Typer(help="The accounts of the studio: add one, list them, remove one, give one another password.")
cli.add_typer(models_cli, name="models")
cli.add_typer(users_cli, name="users")
cli.add_typer(jobs_cli, name="jobs")
_DataDir = Annotated[
    Path | None, typer.Option(help="Folder of the database and the media; STUDIO_DATA_DIR, else ./data.")
]
_ModelsDir = Annotated[
    Path | None, typer.Option(help="Folder of the model files; STUDIO_MODELS_DIR, else the shipped ones.")
]
_Models = Annotated[
    list[str] | None,
    typer.Option(help="One more model: my_model.py, a model file, or a folder of both; repeatable."),
]
_File = Annotated[Path, typer.Argument(help="The archive, such as work.zip.")]
_T = TypeVar("_T")
_User = Annotated[str, typer.Option(help="Whose work it is; without a login it is local.")]


_UNLOAD_SECONDS = 5.0  # for a worker to let a model go that does nothing

WORKER = (sys.executable, str(Path(__file__).resolve()), "worker")
"""The command of a worker; what it needs to know is in its environment."""


def main() -> None:
    """Run the command line; what keeps the studio from its start is said in one line."""
    try:
        cli()
    except (SettingError, EngineBusyError, WorkerBusyError, ModelSourceError) as error:
        sys.exit(str(error))


_Host = Annotated[str | None, typer.Option(help="Address to listen on; STUDIO_HOST, else 127.0.0.1.")]
_Port = Annotated[int | None, typer.Option(help="Port to listen on, 0 for a free one; STUDIO_PORT, else 7860.")]


@cli.callback(invoke_without_command=True)
def run(
    called: typer.Context,
    host: _Host = None,
    port: _Port = None,
    data_dir: _DataDir = None,
    models_dir: _ModelsDir = None,
    models: _Models = None,
) -> None:
    """Serve the studio, as serve does; what is not given here comes from the STUDIO_… variables of the environment."""
    if not called.invoked_subcommand:
        serve_command(host, port, data_dir, models_dir, models)


@cli.command("serve")
def serve_command(
    host: _Host = None,
    port: _Port = None,
    data_dir: _DataDir = None,
    models_dir: _ModelsDir = None,
    models: _Models = None,
) -> None:
    """Serve the studio, with a worker beside the page unless STUDIO_WORKER is off."""
    settings = _settings(host=host, port=port, data_dir=data_dir, models_dir=models_dir, models=models)
    log.set_up(settings.log_level, settings.log_format)
    _check_address(settings)
    with _starting():
        database, media = _stores(settings)
        accounts = AccountStore(database)
        settings = _with_login(settings, accounts)
        context, _ = _put_together(settings, database, media)
    with only_page(settings.data_dir):
        sweep = Sweep(database, media, settings.uploads, settings.trash_days)
        _serve(context, settings, sweep, WorkerStore(database), accounts)


@contextmanager
def _starting() -> Iterator[None]:
    """What is imported and built here stays: the garbage collector is not to look through all of it again and again."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _with_login(settings: Settings, accounts: AccountStore) -> Settings:
    """Where there are accounts and no login was asked for, it is by password; raises SettingError for one without."""
    has_some = bool(settings.accounts or accounts.all())
    if has_some and settings.login == "none" and "login" not in settings.model_fields_set:
        return settings.model_copy(update={"login": "password"})
    if settings.login == "password" and not has_some:
        problem = "password needs accounts: make one by studio_ui.py users add, or set STUDIO_USERS, such as ann:secret"
        raise SettingError("login", problem)
    return settings


def _serve(
    context: StudioContext, settings: Settings, sweep: Sweep, workers: WorkerStore, accounts: AccountStore
) -> None:
    """Serve the page until a signal ends it, with a worker beside it unless that is set otherwise."""
    maintenance = Maintenance(sweep)
    supervisor = Supervisor([*WORKER, "--beside-page"], os.environ | settings.environment)
    with _starting():
        import uvicorn

        from components.library.live import Live
        from components.library.views import Views
        from web.app import create_app
        from web.gate.connections import TimedProtocol
        from web.health import Health

        worker = supervisor.check if settings.worker else partial(require_worker, workers)
        health = Health({"database": context.jobs.check, "media": context.media.check, "worker": worker})
        page = build(context, settings)
        app = create_app(
            settings,
            page,
            context.media,
            jobs=context.jobs,
            health=health,
            picture_of=context.choice_picture,
            write_job=PageImport(context).write,
            accounts=accounts,
            what_is_new=Live(context, Views(context, settings.root_path)).told,
        )
    # uvicorn raises the signal again once it has closed its connections; this makes an orderly end of it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    sweep.drop_unrecorded()
    if settings.worker:
        supervisor.start()
    maintenance.start()
    try:
        uvicorn.run(
            app,
            host=settings.host,
            port=settings.port,
            log_level=settings.log_level,
            log_config=None,  # ours
            proxy_headers=False,  # the app knows which proxies to believe; uvicorn would take any on this machine
            access_log=settings.log_level == "debug",
            http=TimedProtocol,
            ws="none",
            timeout_graceful_shutdown=3,  # seconds; the page's event streams would hold the server open for ever
        )
    finally:
        maintenance.stop()
        if settings.worker:
            supervisor.stop()


@cli.command("worker")
def worker_command(
    data_dir: _DataDir = None,
    models_dir: _ModelsDir = None,
    models: _Models = None,
    device: Annotated[list[str] | None, typer.Option(help="A GPU to run models on, such as 0; repeatable.")] = None,
    beside_page: Annotated[bool, typer.Option(hidden=True, help="End when standard input does.")] = False,
    worker_id: Annotated[str | None, typer.Option(hidden=True, help="The worker that holds these jobs.")] = None,
    channel: Annotated[int | None, typer.Option(hidden=True, help="Do the jobs of this file descriptor.")] = None,
) -> None:
    """Run jobs without a page, on this machine or another one; a page starts such a worker by itself."""
    settings = _settings(data_dir=data_dir, models_dir=models_dir, models=models, devices=device)
    log.set_up(settings.log_level, settings.log_format)
    database, media = _stores(settings)
    if channel is not None:
        _, runner = _put_together(settings, database, media, worker_id)
        serve(Connection(channel), runner)
    is_lost, is_told = threading.Event(), threading.Event()
    lease = Lease(WorkerStore(database), settings.data_dir, is_lost.set, settings.jobs_at_once)
    context, _ = _put_together(settings, database, media, lease.worker_id)
    if beside_page:
        end_with_parent()
        threading.Thread(target=lambda: (sys.stdin.read(), end_now()), daemon=True).start()
    from studio.jobs.worker import Worker  # with DBOS, which neither the page nor the process of a job needs to start

    board = WorkersBoard(LoadedStore(database), lease.worker_id)
    processes = JobProcesses(context.jobs, context.registry.models, settings, _hands(lease.worker_id), board)
    worker = Worker(
        lease=lease,
        jobs=context.jobs,
        queue=context.queue_store,
        hands=processes,
        lanes=context.lanes,
        settings=settings,
    )
    worker.start(wait=beside_page)
    try:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        processes.start()
        is_lost.wait()
    except KeyboardInterrupt:
        is_told.set()
    finally:
        signal.signal(signal.SIGTERM, lambda *_: is_told.set())  # one in the midst of this would leave threads at work
        worker.stop()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if not is_told.is_set() and not beside_page:  # it has lost its jobs; a page starts the next worker by itself
        os.execv(sys.executable, [sys.executable, *sys.argv])


def _hands(worker_id: str) -> list[str]:
    """The command of a process that does jobs which the worker holds, but for its channel."""
    return [*WORKER, "--worker-id", worker_id, "--channel"]


@cli.command("export")
def export_command(
    file: _File,
    user: _User = LOCAL_USER,
    workspace: Annotated[str | None, typer.Option(help="Name of the workspace; all of them when not given.")] = None,
    data_dir: _DataDir = None,
) -> None:
    """Write a user's finished jobs with their files, workspaces, presets, drafts and preferences to one ZIP file."""
    from storage.archive.export import export_archive

    database, media = _stores(_settings(data_dir=data_dir))
    _say("Exported", lambda: export_archive(database, media, user, file, workspace))
    strays = _tried(lambda: media.quarantine.find(now() - MEDIA_GRACE))
    if strays.unknown:
        print(f"Files in no record of this database: {named(strays.unknown)}.")
    if strays.quarantined:
        print(f"Files in quarantine, which studio_ui.py rescue puts back: {named(strays.quarantined)}.")


@cli.command("import")
def import_command(
    file: Annotated[Path, typer.Argument(help="The archive, such as work.zip; with --from a folder or a ZIP.")],
    user: _User = LOCAL_USER,
    tool: Annotated[
        str | None, typer.Option("--from", help="Take what another tool made: auto, a1111, comfyui, swarmui, …")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="With --from: also files that say nothing.")] = False,
    workspace: Annotated[
        str | None, typer.Option(help="With --from: the workspace, made where it is missing; the first when not given.")
    ] = None,
    data_dir: _DataDir = None,
) -> None:
    """Give a user what an export wrote, all of it checked first, or finished jobs of the files that other tools made.

    What is there already stays as it is, and is not taken twice.
    """
    if tool is not None:
        _import_files(file, user, tool, everything, workspace, _settings(data_dir=data_dir))
        return
    if file.is_dir():
        sys.exit(f"{file} is a folder: with --from auto the pictures, films and sounds in it become jobs.")
    from storage.archive.import_ import import_archive

    settings = _settings(data_dir=data_dir)
    _say("Imported", lambda: import_archive(*_stores(settings), user, file, RESULTS, settings.work))


def _import_files(
    source: Path, user: str, tool: str, everything: bool, workspace: str | None, settings: Settings
) -> None:
    from studio.folder_import import ANY_TOOL, TOOLS, FolderImport

    if tool not in {ANY_TOOL, *TOOLS}:
        known = ", ".join(sorted(TOOLS))
        sys.exit(f"--from {tool}: there is no reader for that tool. Take {ANY_TOOL}, or one of {known}.")
    database, media = _stores(settings)
    place = _tried(lambda: _workspace(WorkspaceStore(database), user, workspace))
    importing = FolderImport(JobStore(database), media, user, place.id, RESULTS, tool=tool, everything=everything)
    tally = _tried(lambda: importing.run(source, settings.work, _tell_progress))
    print(f"Imported: {tally}")
    for name, sentence in tally.refused:
        print("".join(sign if sign.isprintable() else "?" for sign in f"{name}: {sentence}"))


def _workspace(workspaces: WorkspaceStore, user: str, name: str | None) -> Workspace:
    """The user's workspace of that name, made where it is missing, or the first one."""
    if name is None:
        return workspaces.ensure_default(user)
    own = (one for one in workspaces.list(user) if folded(one.name) == folded(name.strip()))
    return next(own, None) or workspaces.create(user, name)


def _tell_progress(done: int, of: int) -> None:
    """On a terminal only, and a few times a second at most."""
    if sys.stderr.isatty() and (done == of or done % 10 == 0):
        print(f"\r{done} of {of} files", end="\n" if done == of else "", file=sys.stderr, flush=True)


@cli.command("rescue")
def rescue_command(data_dir: _DataDir = None) -> None:
    """Put files back that are in quarantine because no record named them; from now on those that are there stay."""
    _, media = _stores(_settings(data_dir=data_dir))
    print(f"Put back: {_tried(media.quarantine.rescue)} files. A database that knows them finds them again.")


@cli.command("doctor")
def doctor_command(data_dir: _DataDir = None, models_dir: _ModelsDir = None, models: _Models = None) -> None:
    """Say what is set, what can be reached, what is missing and how much disk is left; ends with 1 if a start would."""
    settings = _settings(data_dir=data_dir, models_dir=models_dir, models=models)
    with _without_trace(settings) as opened:
        database, media = _stores(opened)
        settings = _with_login(settings, AccountStore(database))
        context, _ = _put_together(settings, database, media)
        for finding in _tried(lambda: list(examine(settings, context, context.jobs, media, WorkerStore(database)))):
            print(finding)


@models_cli.command("add")
def add_command(
    source: Annotated[str, typer.Argument(help="What describes itself: my_model.py:generate, http://127.0.0.1:7860.")],
    model_id: Annotated[str | None, typer.Option("--id", help="Its id; made of the source when not given.")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Overwrite a file that is there already.")] = False,
    data_dir: _DataDir = None,
) -> None:
    """Write a model file for it to the folder `models` of the data folder, from where the next start loads it."""
    settings = _settings(data_dir=data_dir)
    with opening("data_dir"):
        path, config = add_model(source, settings.own_models, load_backends(os.environ), model_id, replace)
    print(f"Added {config.name} as {config.id}: {path}")


@models_cli.command("list")
def list_command(data_dir: _DataDir = None, models: _Models = None) -> None:
    """Print every model with its id, its name, what runs it or is missing before it can run, and where it is loaded."""
    settings, backends = _settings(data_dir=data_dir, models=models), load_backends(os.environ)
    loaded = _loaded(LoadedStore(_database(settings))) if _no_studio(settings) is None else ()
    for config in load_models(settings, backends).models.values():
        where = "".join(f"\t{one}" for one in loaded if one.model_id == config.id)
        print(f"{config.id}\t{config.name}\t{missing(config, backends) or config.backend.kind}{where}")


@models_cli.command("unload")
def unload_command(
    model_id: Annotated[str | None, typer.Argument(help="The model; all that are loaded when not given.")] = None,
    data_dir: _DataDir = None,
) -> None:
    """Free the memory of a model that is loaded, which its next job loads again."""
    store = LoadedStore(_existing(_settings(data_dir=data_dir)))
    if not (asked := {one.model_id for one in _loaded(store) if model_id in (None, one.model_id)}):
        sys.exit("No model is loaded." if model_id is None else f"{model_id} is not loaded.")
    for one in asked:
        _tried(partial(store.ask_unload, one))
    deadline = time.monotonic() + _UNLOAD_SECONDS
    while (left := asked & {one.model_id for one in _loaded(store)}) and time.monotonic() < deadline:
        time.sleep(0.1)
    for one in sorted(asked):
        print(f"{one} is at work, and goes after its job." if one in left else f"{one} is unloaded.")


def _loaded(store: LoadedStore) -> tuple[Loaded, ...]:
    return _tried(WorkersView(store).loaded)


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


_JobId = Annotated[str, typer.Argument(help="The job's id, as `jobs list` prints it.")]


@jobs_cli.command("list")
def list_jobs_command(
    status: Annotated[JobStatus | None, typer.Option(help="Only jobs of this status; all when not given.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many at most.")] = 24,
    user: _User = LOCAL_USER,
    data_dir: _DataDir = None,
) -> None:
    """Print a user's jobs, the newest first: id, status, model, time and prompt."""
    jobs = JobStore(_existing(_settings(data_dir=data_dir)))
    page = _tried(lambda: jobs.page(user, None, status=status, limit=limit))
    for job in page.jobs:
        print(*_line(job), sep="\t")
    if page.next:
        print(f"and more than these {len(page.jobs)}")


@jobs_cli.command("show")
def show_job_command(job_id: _JobId, user: _User = LOCAL_USER, data_dir: _DataDir = None) -> None:
    """Print everything that is known of a job."""
    job = _tried(lambda: _job(JobStore(_existing(_settings(data_dir=data_dir))), user, job_id))
    for name, value in asdict(job).items():
        if value not in (None, "", (), {}) and name != "config_snapshot":
            is_json = isinstance(value, dict | list | tuple)
            text = json.dumps(value, ensure_ascii=False, default=str) if is_json else str(value)
            print(f"{name}: {_shown(text)}")


@jobs_cli.command("cancel")
def cancel_command(
    job_id: Annotated[str | None, typer.Argument(help="The job's id; not needed with --all.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Everything of the user that waits or runs.")] = False,
    user: _User = LOCAL_USER,
    data_dir: _DataDir = None,
) -> None:
    """Cancel a job that waits or runs, or all of them; what runs stops at its next report."""
    if every == (job_id is not None):
        sys.exit("Name a job, or say --all.")
    jobs = JobStore(_existing(_settings(data_dir=data_dir)))
    if job_id is not None:
        _tried(lambda: _job(jobs, user, job_id))
        print("Cancelled." if _tried(lambda: jobs.request_cancel(user, job_id)) else "It has ended already.")
    else:
        print(f"Cancelled: {len(_tried(lambda: jobs.request_cancel_all(user, None)))} jobs.")


@jobs_cli.command("retry")
def retry_command(job_id: _JobId, user: _User = LOCAL_USER, data_dir: _DataDir = None) -> None:
    """Queue a job that has ended once more, with all its inputs; a worker runs it, now or when there is one."""
    settings = _settings(data_dir=data_dir)
    _require_studio(settings)
    context, _ = open_studio(settings)
    print(f"Queued as {_tried(lambda: context.run_again(user, job_id)).id}.")


_Name = Annotated[str, typer.Argument(help="The account's name.")]


@users_cli.command("add")
def add_user_command(name: _Name, data_dir: _DataDir = None) -> None:
    """Make an account; the password is asked for, or read from the first line of the standard input."""
    settings = _settings(data_dir=data_dir)
    if name in dict(settings.accounts):
        sys.exit(f"{name} is an account of STUDIO_USERS: its password is the one that stands there.")
    accounts = AccountStore(_stores(settings)[0])
    _tried(lambda: accounts.add(name, _password()))
    print(f"Added {name}. A page that runs without a login asks for one when it is started again.")


@users_cli.command("list")
def list_users_command(data_dir: _DataDir = None) -> None:
    """Print every account, with the time when it was made, or STUDIO_USERS where that setting has it."""
    settings = _settings(data_dir=data_dir)
    for name, _ in settings.accounts:
        print(name, "STUDIO_USERS", sep="\t")
    for one in AccountStore(_database(settings)).all() if _no_studio(settings) is None else ():
        print(one.name, one.created_at.astimezone().strftime("%Y-%m-%d %H:%M:%S"), sep="\t")


@users_cli.command("password")
def password_command(name: _Name, data_dir: _DataDir = None) -> None:
    """Give an account another password, asked for as by add; whoever is signed in with the old one is signed out."""
    accounts = AccountStore(_existing(_settings(data_dir=data_dir)))
    _tried(lambda: accounts.set_password(name, _password()))
    print(f"Changed the password of {name}.")


@users_cli.command("remove")
def remove_user_command(name: _Name, data_dir: _DataDir = None) -> None:
    """Remove an account and sign it out; its jobs stay, and `jobs adopt` gives them to another user."""
    settings = _settings(data_dir=data_dir)
    accounts = AccountStore(_existing(settings))
    _tried(lambda: accounts.remove(name))
    print(f"Removed {name}.")
    if not accounts.all() and not settings.accounts and settings.login == "none":
        print("It was the last one: a studio that is started now lets everyone in, unless STUDIO_LOGIN is password.")


def _password() -> str:
    """Not an argument, which everyone on the machine could read."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    password: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return password


@jobs_cli.command("adopt")
def adopt_command(
    owner: Annotated[str | None, typer.Argument(help="Whose jobs they are; all owners are printed without it.")] = None,
    user: Annotated[str | None, typer.Option(help="Who gets them.")] = None,
    data_dir: _DataDir = None,
) -> None:
    """Give all work of a user, such as a visitor or a removed account, to another; without a name, print who has jobs.

    That is jobs, workspaces, presets, drafts and files. Workspaces of one name become one, a preset of a name that is
    taken gets a number, and a draft stays where the other has one of the same model.
    """
    adoption = Adoption(_existing(_settings(data_dir=data_dir)))
    owners = _tried(adoption.owners)
    if owner is None:
        for one in owners:
            print(_shown(one.user_id), f"{one.jobs} jobs", one.last.astimezone().strftime("%Y-%m-%d %H:%M"), sep="\t")
        return
    if user is None or not user.strip() or user == owner:
        sys.exit("Say who gets them, with --user.")
    if owner not in (one.user_id for one in owners):
        sys.exit(f"{_shown(owner)} has no jobs.")
    adopted = _tried(lambda: adoption.adopt(owner, user))
    print(f"Given to {_shown(user)}: {', '.join(f'{count} {what}' for what, count in asdict(adopted).items())}.")


def _job(jobs: JobStore, user: str, job_id: str) -> Job | DamagedJob:
    if (job := jobs.find(user, job_id)) is None:
        raise JobNotFoundError(job_id)
    return job


def _line(job: Job | DamagedJob) -> tuple[str, ...]:
    if isinstance(job, DamagedJob):
        return _shown(job.id), "damaged", _shown(job.model_id or ""), "", _shown(job.problem)
    made = job.created_at.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    return job.id, job.status, _shown(job.model_id), made, _shown((job.prompt or "")[:80])


def _shown(text: str) -> str:
    """In one line, and with what would drive a terminal spelled out."""
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in text)


def _say(done: str, work: Callable[[], "Counts"]) -> None:
    counts = asdict(_tried(work))
    print(f"{done}: {', '.join(f'{count} {what}' for what, count in counts.items())}.")


def _tried(work: Callable[[], _T]) -> _T:
    """What stands in its way ends the command in one line."""
    try:
        return work()
    except (StudioError, StorageError, OSError) as error:
        sys.exit(fault_of(error) or str(error))


def _stores(settings: Settings) -> tuple[Engine, MediaStore]:
    """What a setting names and cannot be opened is a SettingError."""
    with opening("data_dir"):
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        make_private(settings.data_dir)
        TemporaryFile(dir=settings.data_dir).close()  # it may have been there and be closed to writing
        for scratch in (settings.uploads, settings.work):
            scratch.mkdir(exist_ok=True)
    with opening("wildcards_dir" if settings.wildcards_dir else "data_dir"):
        settings.wildcards.mkdir(parents=True, exist_ok=True)
    database = _database(settings)
    limits = MediaLimits(settings.max_upload_mb * 1_000_000, settings.max_pixels)
    quotas = Quotas(settings.max_disk_mb, settings.max_uploads)
    with opening("media_url" if settings.media_url else "data_dir"):
        media = MediaStore(database, settings.media, limits, settings.bucket, quotas)
        media.check()
    return database, media


def _database(settings: Settings) -> Engine:
    with opening("database_url" if settings.database_url else "data_dir"):
        return open_database(settings.database)


def _no_studio(settings: Settings) -> str | None:
    """What to say where there is no database yet; a server's counts as there."""
    with opening("database_url" if settings.database_url else "data_dir"):
        file = sqlite_file(settings.database)
        if file is None or file.exists():
            return None
    if settings.database_url:
        return f"There is no database {file}: start a studio on it, or name another one."
    return f"There is no studio in {settings.data_dir}: start one, or name its folder with --data-dir."


def _require_studio(settings: Settings) -> None:
    """End the command where no studio has been started yet."""
    if said := _no_studio(settings):
        sys.exit(said)


def _existing(settings: Settings) -> Engine:
    """The database of a studio that has been started before; else the command ends, and has made none."""
    _require_studio(settings)
    return _database(settings)


@contextmanager
def _without_trace(settings: Settings) -> Iterator[Settings]:
    """Settings to open stores with that leave nothing behind: before the first start they are in a temporary folder."""
    if settings.data_dir.is_dir() and _no_studio(settings) is None:
        yield settings
        return
    with opening("data_dir"):
        TemporaryFile(dir=nearest(settings.data_dir)).close()  # whether the first start could make it
    with TemporaryDirectory() as folder:
        elsewhere = {"database_url": None} if _no_studio(settings) else {}
        yield settings.model_copy(update={"data_dir": Path(folder), "wildcards_dir": None, **elsewhere})


def open_studio(settings: Settings) -> tuple[StudioContext, Runner]:
    """Open the data folder, made where it is missing, and put the parts together; nothing runs yet."""
    return _put_together(settings, *_stores(settings))


def _put_together(
    settings: Settings, database: Engine, media: MediaStore, worker_id: str | None = None
) -> tuple[StudioContext, Runner]:
    """Of a worker, the runner does nothing to jobs that others hold."""
    backends = load_backends(os.environ)
    registry = load_models(settings, backends)
    for broken in registry.broken:
        logging.getLogger(__name__).warning("Left out a model: %s", broken)
    jobs = JobStore(database, settings.max_waiting, worker_id)
    context = StudioContext(
        registry=registry,
        jobs=jobs,
        queue_store=QueueStore(database),
        workspaces=WorkspaceStore(database),
        media=media,
        archives=JobArchives(database, media),
        drafts=DraftStore(database),
        preferences=PreferenceStore(database),
        presets=PresetStore(database),
        backends=backends,
        engine=WorkersView(LoadedStore(database)),
        lanes=Lanes.of(settings, registry.models),
        wildcards=Wildcards(settings.wildcards),
        trash_days=settings.trash_days,
        choice_lists=ChoiceLists(settings.weights_dir),
        may_unload=settings.login in ("none", "password"),
    )
    return context, Runner(jobs, media, registry.models, backends, settings)


def build(context: StudioContext, settings: Settings) -> "LazyBlocks":
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


if __name__ == "__main__":
    main()
