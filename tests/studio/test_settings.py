"""Settings: read once, checked in words, secrets kept."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pydantic import ValidationError
from sqlalchemy import make_url

from storage.media.probe import MediaLimits, probe
from studio import settings
from studio.settings import Settings
from tests import media_samples

DOCUMENT = (Path(__file__).parents[2] / "docs" / "settings.md").read_text(encoding="utf-8")

AWS_KEYS = "access_key_id=a&secret_access_key=hush"
OAUTH = ("OAUTH_CLIENT_ID", "OAUTH_CLIENT_SECRET", "OAUTH_SCOPES", "OPENID_PROVIDER_URL")


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"STUDIO_{name.upper()}", raising=False)
    for name in ("SPACE_ID", "SYSTEM", *OAUTH):
        monkeypatch.delenv(name, raising=False)


def _variable(name: str) -> str:
    return str(Settings.model_fields[name].validation_alias or f"STUDIO_{name.upper()}")


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_documented_with_its_description(name: str) -> None:
    (row,) = [line for line in DOCUMENT.splitlines() if line.startswith(f"| `{_variable(name)}` |")]
    assert Settings.model_fields[name].description in row


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in {"STUDIO_PORT": "8000", "STUDIO_DATA_DIR": str(tmp_path), "STUDIO_LOG_LEVEL": "DEBUG"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("RUNPOD_API_KEY", "key")
    read = Settings()
    assert (read.port, read.data_dir, read.log_level) == (8000, tmp_path, "debug")
    assert read.runpod_api_key is not None
    assert read.runpod_api_key.get_secret_value() == "key"


def test_what_is_given_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDIO_PORT", "8000")
    assert Settings(port=9000).port == 9000


@pytest.mark.parametrize(
    "given",
    [
        {},
        {
            "port": 0,
            "job_minutes": 0.5,
            "concurrency": 3,
            "devices": ["0", "GPU-8f2a"],
            "models_dir": settings.SHIPPED_MODELS.parent,
        },
        {"users": "ann:hush", "runpod_api_key": "key", "media_url": f"s3://b/p?{AWS_KEYS}", "job_memory_mb": 100},
    ],
)
def test_the_environment_of_settings_gives_another_process_the_same(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, object]
) -> None:
    first = Settings(**given)
    for name, value in first.environment.items():
        monkeypatch.setenv(name, value)
    assert Settings() == first


def test_an_empty_variable_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDIO_PORT", "")
    assert Settings().port == 7860


@given(name=st.text(st.characters(exclude_categories=["C"], exclude_characters="/"), min_size=1))
def test_the_database_lies_in_the_data_folder_whatever_its_name(name: str) -> None:
    folder = Settings(data_dir=Path("/srv") / f"a{name}").data_dir
    assert make_url(Settings(data_dir=folder).database).database == str(folder / "studio.db")


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Settings().port = 1  # type: ignore[misc]


def test_a_folder_of_models_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert Settings(models_dir=tmp_path).models_dir == tmp_path
    with pytest.raises(ValidationError, match=r"there is no folder .*nowhere"):
        Settings(models_dir=tmp_path / "nowhere")


def test_wildcard_files_lie_in_the_data_folder_unless_it_is_said(tmp_path: Path) -> None:
    assert Settings(data_dir=tmp_path).wildcards == tmp_path / "wildcards"
    assert Settings(data_dir=tmp_path, wildcards_dir=Path("mine")).wildcards == Path("mine").resolve()


def test_accounts_are_pairs_whose_passwords_may_hold_colons() -> None:
    assert Settings(users=" ann:a:b ,bob:c").accounts == (("ann", "a:b "), ("bob", "c"))
    assert Settings().accounts == ()


def test_more_pixels_than_can_be_read_are_refused(tmp_path: Path) -> None:
    assert Image.MAX_IMAGE_PIXELS is not None
    most = 2 * Image.MAX_IMAGE_PIXELS
    clip = media_samples.video(tmp_path / "a.mp4")
    probe(clip, MediaLimits(max_pixels=Settings(max_pixels=most).max_pixels))
    with pytest.raises(ValidationError, match="max_pixels"):
        Settings(max_pixels=most + 1)


@pytest.mark.parametrize(
    ("users", "says"), [("ann:hush,bobhush", "pair 2"), (":hush", "pair 1"), ("a:hush,a:b", "twice")]
)
def test_a_mistake_in_the_accounts_is_named_without_a_password(users: str, says: str) -> None:
    with pytest.raises(ValidationError, match=says) as caught:
        Settings(users=users)
    assert "hush" not in str(caught.value)


NAMES = st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters=":"), min_size=1, max_size=5)
PASSWORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)


@given(st.dictionaries(NAMES, PASSWORDS, min_size=1, max_size=3), st.booleans())
def test_a_password_may_hold_any_character(accounts: dict[str, str], escaped: bool) -> None:
    assert Settings(users=json.dumps(accounts, ensure_ascii=escaped)).accounts == tuple(accounts.items())


@given(st.dictionaries(NAMES, PASSWORDS, min_size=1, max_size=3))
def test_pairs_hold_any_character_but_a_comma(accounts: dict[str, str]) -> None:
    text = ",".join(f"{name}:{password}" for name, password in accounts.items())
    if all("," not in each for pair in accounts.items() for each in pair) and not text.startswith("{"):
        assert Settings(users=text).accounts == tuple(accounts.items())


@pytest.mark.parametrize(
    ("users", "says"),
    [
        *(('{"ann": "hush"', "character 15"), ('{"ann": "hush", }', "character"), ("{ann:hush}", "character 2")),
        *(('{"ann": "hush"} hush', "character 17"), ('{"ann": "hush", "ann": "b"}', "twice")),
        *(('{"ann": ["hush"]}', "pair 1"), ('{"ann": "hush", "bob": {"hush": "hush"}}', "pair 2")),
        *(('{"ann": ""}', "pair 1"), ('{" ": "hush"}', "pair 1"), ('{"ann": "hush", "hf:7": "hush"}', "pair 2")),
        *(('{"a\\u0000": "hush"}', "pair 1"), ('{"ann": "hush\\ud800"}', "pair 1"), ("ann:hush\udcff", "pair 1")),
    ],
)
def test_a_mistake_in_the_object_of_accounts_is_named_without_a_password(users: str, says: str) -> None:
    with pytest.raises(ValidationError, match=says) as caught:
        Settings(users=users)
    assert [error["loc"] for error in caught.value.errors()] == [("users",)]
    assert "hush" not in str(caught.value)


def test_an_object_without_accounts_is_none() -> None:
    assert (Settings(users="{}").accounts, Settings(users=" {} ").login) == ((), "none")


def test_names_and_proxies_are_read_from_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (Settings().hosts, Settings().proxies) == ((), ())
    monkeypatch.setenv("STUDIO_HOSTS", "Studio.example.org, box,")
    monkeypatch.setenv("STUDIO_PROXIES", "127.0.0.1, 10.1.2.3/8,fd00::/8")
    assert Settings().hosts == ("studio.example.org", "box")
    assert Settings().proxies == ("127.0.0.1/32", "10.0.0.0/8", "fd00::/8")


@pytest.mark.parametrize(
    "hosts", ["http://box", "box:80", "*", "*.example.org", "a b", "bücher.example", "box/", ".box"]
)
def test_what_is_no_name_is_refused(hosts: str) -> None:
    with pytest.raises(ValidationError, match="without http:// and without port"):
        Settings(hosts=hosts)


@pytest.mark.parametrize("proxies", ["*", "proxy", "10.0.0", "10.0.0.0/33", "127.0.0.1:80"])
def test_what_is_no_address_of_a_proxy_is_refused(proxies: str) -> None:
    with pytest.raises(ValidationError, match="IP addresses or networks"):
        Settings(proxies=proxies)


def test_each_device_is_a_lane_for_as_many_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings(concurrency=3).jobs_at_once == 3
    monkeypatch.setenv("STUDIO_DEVICES", "0, 1,MIG-4f/1/0")
    assert (Settings().devices, Settings(concurrency=2).jobs_at_once) == (("0", "1", "MIG-4f/1/0"), 6)


@pytest.mark.parametrize("devices", ["cuda:0", "-1", "0 1", "gpu", "1,1"])
def test_what_is_no_device_is_refused(devices: str) -> None:
    with pytest.raises(ValidationError, match="GPU"):
        Settings(devices=devices)


def test_half_of_the_memory_is_for_models_that_stay_loaded() -> None:
    assert 0 < Settings().warm_memory_mb < 10**8
    assert Settings(warm_memory_mb=0).warm_memory_mb == 0


def test_days_beyond_any_calendar_are_refused() -> None:
    with pytest.raises(ValidationError, match="trash_days"):
        Settings(trash_days=1_000_000)


@pytest.mark.parametrize(
    "url",
    [
        *(
            "nonsense",
            "mysql://ann:hush@db/studio",
            "postgres://ann:hush@db/studio",
            "postgresql+asyncpg://ann:hush@db/x",
        ),
        *("sqlite+aiosqlite:////studio.db", "sqlite://", "sqlite:///:memory:", "postgresql://ann:hush/studio"),
        "postgresql://ann:a@hush@db/studio",  # what is behind the first @ would be told as the host
    ],
)
def test_what_is_no_database_of_ours_is_refused_without_a_password(url: str) -> None:
    with pytest.raises(ValidationError, match="SQLite file or of a PostgreSQL database") as caught:
        Settings(database_url=url)
    assert [error["loc"] for error in caught.value.errors()] == [("database_url",)]
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        *("sqlite:////studio.db", "sqlite+pysqlite:///studio.db", "postgresql://", "postgresql+psycopg://db:5/x"),
        "postgresql+psycopg://ann:a%40b/c:d@/studio?host=/run/postgresql",
    ],
)
def test_sqlite_files_and_postgresql_are_databases(url: str) -> None:
    assert Settings(database_url=url).database == url


@pytest.mark.parametrize(
    "url",
    [
        *("hush", "s3://", "s3://[hush/media", "s3://hu sh/media", "s3://media:99999", "http://media", "s3://a\nb"),
        *(f"s3://media?{AWS_KEYS}&endpoint={end}" for end in ("minio:9000", "http://", "http://a b", "ftp://a")),
        *(f"s3://media?{AWS_KEYS}&{setting}" for setting in ("endpoint_url=minio", "endpoint=http://minio:99999")),
        *(f"s3://media?{AWS_KEYS}&colour=hush", "s3://media?secret_access_key=hush"),
    ],
)
def test_what_is_no_bucket_is_refused_in_words(url: str) -> None:
    with pytest.raises(ValidationError, match=r"such as s3://|such as http://|has no use for") as caught:
        Settings(media_url=url)
    assert [error["loc"] for error in caught.value.errors()] == [("media_url",)]
    assert "hush" not in str(caught.value)


def test_an_endpoint_in_the_environment_is_looked_at_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "minio:9000")
    with pytest.raises(ValidationError, match="http://"):
        Settings(media_url="s3://media")


@pytest.mark.parametrize(
    "url", ["s3://media", "s3://Media.2/a/b?endpoint=https://s3.example.org", "s3://media?endpoint=http://[::1]:9000/x"]
)
def test_buckets_are_taken_as_they_are(url: str) -> None:
    assert Settings(media_url=url).bucket == url


@pytest.mark.parametrize(
    ("given", "path"),
    [
        *(
            ("studio", "/studio"),
            ("/studio/", "/studio"),
            ("a/b.c", "/a/b.c"),
            ("/a%20b", "/a%20b"),
            ("/", ""),
            ("", ""),
        ),
        ("https://example.org:8/studio/", "https://example.org:8/studio"),
    ],
)
def test_the_path_behind_a_proxy_begins_with_a_slash_and_ends_with_none(given: str, path: str) -> None:
    assert Settings(root_path=given).root_path == path


@pytest.mark.parametrize("path", ["ftp://example.org/studio", "/a b", "/a;b", "/a?b", "/a#b", "/ä", "/a\nb"])
def test_what_is_no_path_is_refused(path: str) -> None:
    with pytest.raises(ValidationError, match="such as /studio"):
        Settings(root_path=path)


def test_a_folder_that_no_path_leads_to_is_refused(tmp_path: Path) -> None:
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    for folder in (loop, "~nobody-has-this-name/data"):
        with pytest.raises(ValidationError, match="write the path in full"):
            Settings(data_dir=folder)  # type: ignore[arg-type]


def test_models_that_may_not_be_read_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def refuse(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)  # the tests may run as root, who may read all
    with pytest.raises(ValidationError, match="Permission denied"):
        Settings(models_dir=tmp_path)


def _enter_space(monkeypatch: pytest.MonkeyPatch, *variables: str) -> None:
    for name, value in {"SPACE_ID": "ann/studio", "SYSTEM": "spaces", **dict.fromkeys(variables, "x")}.items():
        monkeypatch.setenv(name, value)


def test_the_login_follows_from_the_accounts_and_the_place(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (Settings().login, Settings(users="ann:a").login) == ("none", "password")
    assert Settings(login="anonymous").login == "anonymous"
    _enter_space(monkeypatch)
    assert (Settings().login, Settings(users="ann:a").login) == ("anonymous", "password")
    _enter_space(monkeypatch, *OAUTH)
    assert (Settings().login, Settings(users="ann:a").login) == ("huggingface", "password")
    monkeypatch.setenv("STUDIO_LOGIN", "None")
    assert Settings().login == "none"


@pytest.mark.parametrize(
    ("users", "login", "says"),
    [
        ("ann:hush", "none", "unset STUDIO_USERS"),
        ("ann:hush", "anonymous", "unset STUDIO_USERS"),
        ("ann:hush", "huggingface", "unset STUDIO_USERS"),
        ("", "huggingface", "in a Space only"),
        ("", "open", "Input should be 'none', 'password', 'huggingface' or 'anonymous'"),
    ],
)
def test_a_login_that_cannot_be_is_refused_in_words(users: str, login: str, says: str) -> None:
    with pytest.raises(ValidationError, match=says) as caught:
        Settings(users=users, login=login)  # type: ignore[arg-type]
    assert [error["loc"] for error in caught.value.errors()] == [("login",)]
    assert "hush" not in str(caught.value)


def test_hugging_face_needs_a_space_that_has_it_and_its_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    _enter_space(monkeypatch, *OAUTH[1:])
    with pytest.raises(ValidationError, match="hf_oauth: true"):
        Settings(login="huggingface")
    monkeypatch.setenv(OAUTH[0], "x")
    monkeypatch.setenv("OAUTH_CLIENT_SECRET", "")  # everyone could then sign a session
    with pytest.raises(ValidationError, match="hf_oauth: true"):
        Settings()
    monkeypatch.setenv("OAUTH_CLIENT_SECRET", "x")
    monkeypatch.setattr(settings, "find_spec", lambda name: name if name != "authlib" else None)
    with pytest.raises(ValidationError, match="pip install"):
        Settings()
    monkeypatch.delenv("SYSTEM")  # Gradio would then take everyone for the owner of this machine's token
    with pytest.raises(ValidationError, match="in a Space only"):
        Settings()


@pytest.mark.parametrize("taken", ["visitor:0", "hf:7"])
def test_no_account_has_the_id_of_a_visitor_or_of_a_hugging_face_account(taken: str) -> None:
    assert [name for name, _ in Settings(users=f"{taken}:pw").accounts] == [taken.partition(":")[0]]


def test_a_mistake_in_the_accounts_is_not_one_of_the_login() -> None:
    with pytest.raises(ValidationError) as caught:
        Settings(users="annhush")
    assert [error["loc"] for error in caught.value.errors()] == [("users",)]


def test_secrets_are_not_printed() -> None:
    secret = Settings(users="ann:hush", database_url="postgresql://ann:hush@db/studio", runpod_api_key="hush")
    assert "hush" not in f"{secret!r} {secret} {secret.model_dump()} {secret.model_dump_json()}"


def test_a_space_listens_to_all_and_keeps_its_data_where_they_last(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SPACE_ID", "ann/studio")
    monkeypatch.setattr(settings, "SPACE_DISK", tmp_path)
    assert (Settings().host, Settings().data_dir) == ("0.0.0.0", tmp_path)
    monkeypatch.setattr(settings, "SPACE_DISK", tmp_path / "missing")
    assert Settings().data_dir == Path("data").resolve()


def test_models_of_ones_own_are_paths_in_full_separated_by_commas_or_as_json(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("a.py", "b, c.yaml"):
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STUDIO_MODELS", "a.py:paint, .")
    assert Settings().models == (f"{tmp_path}/a.py:paint", str(tmp_path))
    monkeypatch.setenv("STUDIO_MODELS", json.dumps(["a.py", "b, c.yaml"]))
    assert Settings().models == (f"{tmp_path}/a.py", f"{tmp_path}/b, c.yaml")
    for wrong in ("no.py", "no.py:paint", '["a.py"'):
        with pytest.raises(ValidationError, match="models"):
            Settings(models=wrong)  # type: ignore[arg-type]


def test_only_visitors_have_quotas_unless_they_are_set() -> None:
    names = ("max_waiting", "max_disk_mb", "max_uploads")
    own, open_to_all = Settings(), Settings(login="anonymous", max_uploads=7)
    assert [getattr(own, name) for name in names] == [None, None, None]
    assert [getattr(open_to_all, name) for name in names] == [20, 2000, 7]


def test_lanes_are_names_with_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDIO_LANES", "comfyui:1, flux-krea:2")
    assert Settings().lanes_of == {"comfyui": 1, "flux-krea": 2}
    monkeypatch.setenv("STUDIO_LANES", Settings().environment["STUDIO_LANES"])
    assert Settings().lanes_of == {"comfyui": 1, "flux-krea": 2}
    monkeypatch.setenv("STUDIO_LANES", "comfyui")
    with pytest.raises(ValidationError, match="comfyui:1"):
        Settings()
