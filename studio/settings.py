"""Every setting of the studio, read once in `main()` from the environment and frozen from then on."""

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from backends.comfyui import is_address
from backends.function.source import split
from model_configs.registry import HERE as SHIPPED_MODELS
from storage.database import check_url, sqlite_url
from storage.errors import StorageError
from storage.media.blobs import open_bucket
from storage.media.probe import MOST_PIXELS
from studio.account_setting import parse_accounts
from studio.errors import SettingError
from studio.log import Format

LOCAL_USER = "local"
"""The user of a studio without a login; an account of this name keeps the work made before there were accounts."""

SPACE_DISK = Path("/data")
"""Where a Space that has persistent storage mounts it; all else in a Space is lost when it restarts."""

Login = Literal["none", "password", "huggingface", "anonymous"]

_OAUTH = ("OAUTH_CLIENT_ID", "OAUTH_CLIENT_SECRET", "OAUTH_SCOPES", "OPENID_PROVIDER_URL")
"""The variables that a Space whose README.md has `hf_oauth: true` is given."""


def on_space() -> bool:
    """Whether this is a Space of Hugging Face, whose pages show in a frame and come through a proxy."""
    return "SPACE_ID" in os.environ


_Several = Annotated[tuple[str, ...], NoDecode]
"""Values separated by commas in one variable."""

_SPACE_PROXIES = ("10.0.0.0/8", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
"""The private networks: a Space is reached through its proxy only, from inside."""


_VISITORS_QUOTAS = {"max_waiting": 20, "max_disk_mb": 2000, "max_uploads": 100}


def _default_proxies() -> tuple[str, ...]:
    return _SPACE_PROXIES if on_space() else ()


def _default_host() -> str:
    return "0.0.0.0" if on_space() else "127.0.0.1"


def _default_data_dir() -> Path:
    usable = on_space() and SPACE_DISK.is_dir() and os.access(SPACE_DISK, os.W_OK)
    return SPACE_DISK if usable else Path("data")


def _default_warm_memory() -> int:
    """Half of the memory that this machine, or the container around this process, has."""
    limits = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    with suppress(OSError, ValueError):  # no cgroup, or one without a limit
        limits.append(int(Path("/sys/fs/cgroup/memory.max").read_text()))
    return min(limits) // 2_000_000


class Settings(BaseSettings):
    """The environment, checked; each name is prefixed with STUDIO_ unless it belongs to a service."""

    model_config = SettingsConfigDict(
        env_prefix="STUDIO_",
        frozen=True,
        env_ignore_empty=True,
        validate_by_name=True,
        validate_by_alias=True,
        hide_input_in_errors=True,  # a mistyped STUDIO_USERS must not print its passwords
        extra="ignore",
    )

    data_dir: Path = Field(
        default_factory=_default_data_dir,
        validate_default=True,
        description="Folder of the database, the media and the job engine; ./data, or /data on a Space that has it.",
    )
    models_dir: Path = Field(
        SHIPPED_MODELS, description="Folder of the model configs, one YAML file a model; the shipped ones when not set."
    )
    models: _Several = Field(
        (),
        description="Your own models beside those, separated by commas: Python files with a function, such as "
        "my_model.py or my_model.py:paint, model files, and folders of both.",
    )
    wildcards_dir: Path | None = Field(
        None,
        description="Folder of the files that `__name__` in a prompt stands for; in the data folder when not set.",
    )
    weights_dir: Path | None = Field(
        None,
        description="Folder of checkpoints, LoRAs and the like, that models with `choices_from` list, such as "
        "ComfyUI's own folder models.",
    )
    host: str = Field(
        default_factory=_default_host,
        description="Address to listen on; 127.0.0.1 keeps the studio to this machine, a Space listens on 0.0.0.0.",
    )
    port: int = Field(7860, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    hosts: _Several = Field(
        (),
        description="Further names that the studio is opened by, such as studio.example.org,box.lan; "
        "IP addresses, localhost and a Space's own name go without saying.",
    )
    proxies: _Several = Field(
        default_factory=_default_proxies,
        description="Reverse proxies whose X-Forwarded-… headers are believed, such as 127.0.0.1,10.0.0.0/8; "
        "in a Space its own.",
    )
    users: SecretStr = Field(
        SecretStr(""),
        description="Accounts as name:password pairs, such as ann:secret,bob:hidden, or as a JSON object, such as "
        '{"ann": "a,b:c"}, where a password has a comma; with any, the login is password. Those that '
        "studio_ui.py users add makes stand in the database, hashed.",
    )
    login: Login = Field(
        None,  # `_chosen` puts in what fits
        validate_default=True,
        description="Who comes in: none (all are one user), password (the accounts), huggingface (in a Space with "
        "hf_oauth), anonymous (every browser has a space of its own).",
    )
    max_upload_mb: int = Field(200, ge=1, description="Largest upload in megabytes.")
    max_pixels: int = Field(
        64_000_000,
        ge=1,
        le=MOST_PIXELS,
        description="Most pixels that one image or video frame may have once decoded; 178956970 at most.",
    )
    metadata: bool = Field(
        True,
        description="Whether results say how they were made, so that a file alone brings its job back: on or off. Off, "
        "they have no metadata at all.",
    )
    c2pa_certificate: Path | None = Field(
        None,
        description="PEM file of the certificate chain that results are signed with as C2PA has it; needs c2pa-python.",
    )
    c2pa_key: Path | None = Field(
        None,
        validate_default=True,
        description="PEM file of that certificate's private key, which no job and no message has.",
    )
    trash_days: int = Field(
        30,
        ge=0,
        le=36_500,
        description="Days that a deleted job or preset can be taken back; then it goes, with files only it needs.",
    )
    concurrency: int = Field(
        1, ge=1, description="How many jobs run side by side, on each of the devices if there are some; a GPU wants 1."
    )
    worker: bool = Field(
        True,
        description="Whether the page starts a worker beside it: on or off. Off where studio_ui.py worker runs "
        "elsewhere on the same database and bucket.",
    )
    lanes: _Several = Field(
        (),
        description="How many jobs of a backend or a model run side by side at most, such as comfyui:1,flux-krea:2; "
        "without it as many as there is place for.",
    )
    devices: _Several = Field(
        (),
        description="The GPUs that models run on, such as 0,1, each a lane of its own for jobs: numbers or ids as in "
        "CUDA_VISIBLE_DEVICES. Without it a model finds what the machine shows it.",
    )
    warm_memory_mb: int = Field(
        default_factory=_default_warm_memory,
        ge=0,
        description="Megabytes of memory for models that stay loaded between their jobs; beyond it the one that was "
        "used longest ago is let go. Half of the machine's when not set (Linux).",
    )
    job_memory_mb: int | None = Field(
        None, ge=1, description="Most memory in megabytes that a job may take; a model's `limits` go before it (Linux)."
    )
    job_minutes: float | None = Field(
        None,
        gt=0,
        allow_inf_nan=False,
        description="Longest time in minutes that a model may compute for a job; a model's `limits` go before it.",
    )
    max_waiting: int | None = Field(
        None,
        validate_default=True,
        ge=1,
        description="Most jobs of one user that wait; 20 for anonymous visitors, else any number.",
    )
    max_disk_mb: int | None = Field(
        None,
        validate_default=True,
        ge=1,
        description="Most megabytes of files that one user keeps, results included; 2000 for anonymous visitors, else "
        "any number.",
    )
    max_uploads: int | None = Field(
        None,
        validate_default=True,
        ge=1,
        description="Most files that one user uploads within an hour; 100 for anonymous visitors, else any number.",
    )
    root_path: str = Field("", description="Path under which a reverse proxy publishes the studio, such as /studio.")
    database_url: SecretStr | None = Field(
        None, description="SQLAlchemy URL of the database; an SQLite file in the data folder when not set."
    )
    media_url: SecretStr | None = Field(
        None,
        description="Bucket of the media, s3://bucket/prefix?endpoint=…; "
        "the folder media in the data folder when not set.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="How much is logged.")
    log_format: Format = Field(
        "text", description="How it is logged: text, or json, an object a line. Both name job and user as fields."
    )
    runpod_api_key: SecretStr | None = Field(
        None, validation_alias="RUNPOD_API_KEY", description="Key of the RunPod account that runs the RunPod models."
    )
    runpod_url: str | None = Field(
        None,
        validation_alias="RUNPOD_ENDPOINT_BASE_URL",
        description="Address of RunPod's API, when it is not https://api.runpod.ai/v2.",
    )

    comfyui_url: str = Field(
        "", description="Address of the ComfyUI that runs workflows, such as http://127.0.0.1:8188."
    )
    comfyui_token: SecretStr | None = Field(
        None, description="Token that this ComfyUI, or what stands before it, asks for as `Authorization: Bearer`."
    )

    @field_validator("comfyui_url")
    @classmethod
    def _comfyui(cls, url: str) -> str:
        if url and not is_address(url):
            raise ValueError("an address is needed, such as http://127.0.0.1:8188")
        return url.rstrip("/")

    @field_validator("c2pa_key")
    @classmethod
    def _pair(cls, key: Path | None, told: ValidationInfo) -> Path | None:
        if (key is None) != (told.data.get("c2pa_certificate") is None):
            raise ValueError("signing needs both STUDIO_C2PA_CERTIFICATE and STUDIO_C2PA_KEY")
        return key

    @field_validator("data_dir", "models_dir", "wildcards_dir", "weights_dir", "c2pa_certificate", "c2pa_key")
    @classmethod
    def _absolute(cls, folder: Path | None) -> Path | None:
        try:
            return folder and folder.expanduser().resolve()
        except RuntimeError as error:  # a home that is nobody's, or a loop of links
            raise ValueError(f"{folder} leads nowhere ({error}): write the path in full") from error

    @field_validator("models_dir")
    @classmethod
    def _there(cls, folder: Path) -> Path:
        try:
            next(folder.iterdir(), None)
        except OSError as error:
            raise ValueError(f"there is no folder {folder} that can be read ({error.strerror})") from error
        return folder

    @field_validator("models", "hosts", "proxies", "devices", "lanes", mode="before")
    @classmethod
    def _split(cls, several: object) -> object:
        if isinstance(several, str) and several.startswith("["):  # JSON, for what has a comma in it
            return json.loads(several)
        if isinstance(several, str):
            return tuple(one.strip() for one in several.split(",") if one.strip())
        return several

    @field_validator("models")
    @classmethod
    def _sources(cls, sources: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_source(source) for source in sources)

    @field_validator("devices")
    @classmethod
    def _lanes(cls, devices: tuple[str, ...]) -> tuple[str, ...]:
        if not all(re.fullmatch(r"\d+|(GPU|MIG)-[\w/-]+", device, re.ASCII) for device in devices):
            raise ValueError("numbers of GPUs such as 0,1 are needed, or ids such as GPU-8f2a")
        if len(set(devices)) != len(devices):
            raise ValueError("a GPU stands there twice: every one may stand there once")
        return devices

    @field_validator("lanes")
    @classmethod
    def _counted(cls, lanes: tuple[str, ...]) -> tuple[str, ...]:
        if not all(re.fullmatch(r"[\w-]+:[1-9]\d{0,5}", lane, re.ASCII) for lane in lanes):
            raise ValueError("backends or models with a number are needed, such as comfyui:1,flux-krea:2")
        return lanes

    @field_validator("hosts")
    @classmethod
    def _names(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        if not all(re.fullmatch(r"[\w-]+(\.[\w-]+)*", host, re.ASCII) for host in hosts):
            raise ValueError("names are needed, such as studio.example.org,box.lan, without http:// and without port")
        return tuple(host.lower() for host in hosts)

    @field_validator("proxies")
    @classmethod
    def _networks(cls, proxies: tuple[str, ...]) -> tuple[str, ...]:
        try:
            return tuple(str(ip_network(proxy, strict=False)) for proxy in proxies)
        except ValueError:
            raise ValueError("IP addresses or networks are needed, such as 127.0.0.1,10.0.0.0/8") from None

    @field_validator("root_path")
    @classmethod
    def _path(cls, path: str) -> str:
        if not re.fullmatch(r"(https?://[\w.:-]+)?[\w./~%@+-]*", path, re.ASCII):
            raise ValueError("a path is needed, such as /studio")
        start = "" if "://" in path else "/"  # Gradio takes a whole address too
        return f"{start}{path.strip('/')}".rstrip("/")

    @field_validator("database_url")
    @classmethod
    def _database(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None:
            check_url(url.get_secret_value())
        return url

    @field_validator("log_level", "log_format", mode="before")
    @classmethod
    def _lower(cls, word: object) -> object:
        return word.lower() if isinstance(word, str) else word

    @field_validator("media_url")
    @classmethod
    def _bucket(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None:
            open_bucket(url.get_secret_value())
        return url

    @field_validator("users")
    @classmethod
    def _pairs(cls, users: SecretStr) -> SecretStr:
        names = [name for name, _ in parse_accounts(users.get_secret_value())]
        if len(set(names)) != len(names):
            raise ValueError("an account stands there twice: every name may stand there once")
        return users

    @field_validator("login", mode="before")
    @classmethod
    def _chosen(cls, login: object, info: ValidationInfo) -> object:
        if login is not None:
            return login.lower() if isinstance(login, str) else login
        if "users" not in info.data or parse_accounts(info.data["users"].get_secret_value()):
            return "password"
        if not on_space():
            return "none"
        return "huggingface" if "OAUTH_CLIENT_ID" in os.environ else "anonymous"

    @field_validator("login")
    @classmethod
    def _possible(cls, login: Login, info: ValidationInfo) -> Login:
        if "users" in info.data:
            _check_accounts(login, bool(parse_accounts(info.data["users"].get_secret_value())))
        if login == "huggingface":
            _check_oauth()
        return login

    @field_validator("max_waiting", "max_disk_mb", "max_uploads", mode="before")
    @classmethod
    def _quota(cls, most: object, info: ValidationInfo) -> object:
        """Anonymous visitors have quotas by default."""
        is_open = most is None and info.data.get("login") == "anonymous"
        return _VISITORS_QUOTAS[info.field_name or ""] if is_open else most

    @property
    def jobs_at_once(self) -> int:
        """How many jobs run side by side on all devices together."""
        return self.concurrency * max(len(self.devices), 1)

    @property
    def lanes_of(self) -> dict[str, int]:
        """How many jobs of a backend or a model run side by side at most, by its name."""
        pairs = (lane.rpartition(":") for lane in self.lanes)
        return {name: int(most) for name, _, most in pairs}

    @property
    def environment(self) -> dict[str, str]:
        """The variables that give another process the same settings; secrets included, never to be printed."""
        fields = type(self).model_fields.items()
        named = {str(field.validation_alias or f"STUDIO_{name.upper()}"): getattr(self, name) for name, field in fields}
        return {name: _written(value) for name, value in named.items() if value is not None}

    @property
    def own_models(self) -> Path:
        """Where the user's own models are put, and loaded from beside the shipped ones."""
        return self.data_dir / "models"

    @property
    def cache(self) -> Path:
        """The folder of what can be made again, such as descriptions of functions."""
        return self.data_dir / "cache"

    @property
    def accounts(self) -> tuple[tuple[str, str], ...]:
        """The (name, password) pairs; empty without a login."""
        return parse_accounts(self.users.get_secret_value())

    @property
    def names(self) -> frozenset[str]:
        """The host names that the studio goes by; those of a Space may be several, separated by commas."""
        space = os.environ.get("SPACE_HOST", "").split(",") if on_space() else ()
        named = (self.host, urlsplit(self.root_path).hostname or "", *(host.strip() for host in space), *self.hosts)
        return frozenset({"localhost", *(host.lower() for host in named if host)})

    @property
    def database(self) -> str:
        """The SQLAlchemy URL in use, password included: never to be printed."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return sqlite_url(self.data_dir / "studio.db")

    @property
    def uploads(self) -> Path:
        """Where Gradio puts what people upload, before a job takes it into the media store."""
        return self.data_dir / "uploads"

    @property
    def work(self) -> Path:
        """The folder of temporary files of jobs and imports."""
        return self.data_dir / "work"

    @property
    def media(self) -> Path:
        """The content-addressed store of inputs, results and previews."""
        return self.data_dir / "media"

    @property
    def visitors_key(self) -> Path:
        """The secret that signs the cookies of anonymous visitors, and that gives the studio's cookies their names."""
        return self.data_dir / "visitors.key"

    @property
    def ended_logins(self) -> Path:
        """Which logins of Hugging Face were ended before their time."""
        return self.data_dir / "ended-logins.json"

    @property
    def bucket(self) -> str:
        """The URL of the bucket that has the media, secrets included; empty when the folder has them."""
        return self.media_url.get_secret_value() if self.media_url else ""

    @property
    def wildcards(self) -> Path:
        """The wildcard files in use."""
        return self.wildcards_dir or self.data_dir / "wildcards"


def _written(value: object) -> str:
    """A setting as the text of an environment variable."""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return json.dumps(value, default=str) if isinstance(value, list | tuple) else str(value)


@contextmanager
def opening(setting: str) -> Iterator[None]:
    """Raise a fault of what the block opens as a SettingError, which names the setting to change."""
    try:
        yield
    except StorageError as error:
        raise SettingError(setting, str(error)) from error
    except OSError as error:
        what = error.filename or "its folder"  # a write names none
        problem = f"{what} cannot be used ({error.strerror}): name a folder that the studio may write to"
        raise SettingError(setting, problem) from error


def _check_accounts(login: Login, there_are_some: bool) -> None:
    if login != "password" and there_are_some:
        raise ValueError(f"{login} knows no accounts: unset STUDIO_USERS, or set STUDIO_LOGIN to password")


def _check_oauth() -> None:
    """Outside a Space Gradio would take everyone for the user whose token lies on this machine."""
    if not on_space() or os.environ.get("SYSTEM") != "spaces":
        raise ValueError("huggingface works in a Space only: set STUDIO_LOGIN to password here")
    if not all(os.environ.get(name) for name in _OAUTH):
        raise ValueError("huggingface needs the line hf_oauth: true at the top of the Space's README.md")
    if not (find_spec("authlib") and find_spec("itsdangerous")):
        raise ValueError("huggingface needs two more packages: run pip install 'gradio[oauth]'")


def _source(source: str) -> str:
    """A source of models with its path in full."""
    path, function = split(source)
    path = path.expanduser().absolute()
    if not path.exists():
        raise ValueError(f"there is no file or folder {path}")
    return f"{path}:{function}" if function else str(path)
