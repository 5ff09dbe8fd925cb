"""The web app around the page: two users who must never see each other's files."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from components.addresses import media_url
from studio.settings import LOCAL_USER, Settings
from tests import media_samples
from tests.web.conftest import app_of, media_of

MAX_UPLOAD_MB = 1


class Site:
    """The app on a folder of its own, with a page of one component."""

    def __init__(self, folder: Path, users: str) -> None:
        self.settings = Settings(data_dir=folder / "data", users=users, max_upload_mb=MAX_UPLOAD_MB)
        self.media = media_of(self.settings)
        self.app: FastAPI = app_of(self.settings, self.media)

    def client(self, user: str | None = None) -> TestClient:
        client = TestClient(self.app, base_url="http://localhost")
        if user:
            assert client.post("/login", data={"username": user, "password": f"{user}pw"}).json() == {"success": True}
        return client


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("site")


@pytest.fixture(scope="module")
def site(folder: Path) -> Iterator[Site]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", str(folder / "data" / "uploads"))
        site = Site(folder, "ann:annpw,bob:bobpw")
        site.settings.uploads.mkdir()  # as the first upload does, which need not be in the first test
        yield site


@pytest.fixture(scope="module")
def ann(site: Site) -> TestClient:
    return site.client("ann")


@pytest.fixture(scope="module")
def bob(site: Site) -> TestClient:
    return site.client("bob")


@pytest.fixture(scope="module")
def picture(folder: Path) -> Path:
    return media_samples.png(folder / "a photo ünï.png")


@pytest.fixture(scope="module")
def key(site: Site, picture: Path) -> str:
    """A picture that only ann has."""
    return site.media.put("ann", picture, picture.name).key


@pytest.fixture(scope="module")
def uploaded(ann: TestClient, picture: Path) -> str:
    """Where Gradio put the picture that ann uploaded."""
    response = ann.post("/gradio_api/upload", files={"files": (picture.name, picture.read_bytes())})
    assert response.status_code == 200
    (path,) = response.json()
    return str(path)


def test_an_owner_gets_the_file_with_its_type_and_nothing_in_it_can_run(
    ann: TestClient, key: str, picture: Path
) -> None:
    response = ann.get(media_url(key))
    assert response.content == picture.read_bytes()
    assert response.headers["content-type"] == "image/png"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in response.headers["content-security-policy"]
    assert response.headers["content-disposition"].startswith("inline")
    assert response.headers["cache-control"].startswith("private")


def test_a_part_of_a_file_can_be_asked_for(ann: TestClient, key: str, picture: Path) -> None:
    response = ann.get(media_url(key), headers={"range": "bytes=10-19"})
    assert response.status_code == 206
    assert response.content == picture.read_bytes()[10:20]
    assert ann.get(media_url(key), headers={"range": "bytes=9999999-"}).status_code == 416
    assert ann.head(media_url(key)).headers["accept-ranges"] == "bytes"


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("film.png", 'attachment; filename="film.png"'),
        ('ünï "x".png', "attachment; filename*=utf-8''%C3%BCn%C3%AF%20%22x%22.png"),
        ("../../etc/passwd", 'attachment; filename="passwd.png"'),
        ("a\r\nset-cookie: b", "attachment; filename*=utf-8''a%0D%0Aset-cookie%3A%20b.png"),
    ],
)
def test_a_download_has_the_name_asked_for_and_no_other_header(
    ann: TestClient, key: str, name: str, header: str
) -> None:
    response = ann.get(media_url(key), params={"download": name})
    assert response.headers["content-disposition"] == header
    assert "set-cookie" not in response.headers


def test_anothers_media_answer_exactly_as_missing_ones(bob: TestClient, key: str) -> None:
    missing = bob.get(media_url("00/" + "0" * 64 + ".png"))
    others = bob.get(media_url(key))
    assert others.status_code == 404
    assert (others.content, dict(others.headers)) == (missing.content, dict(missing.headers))


def test_a_stranger_gets_no_file(site: Site, key: str, uploaded: str) -> None:
    stranger = site.client()
    assert stranger.get(media_url(key)).status_code == 404
    assert stranger.get(f"/gradio_api/file={uploaded}").status_code == 404


def test_an_upload_is_shown_to_who_uploaded_it(ann: TestClient, uploaded: str, picture: Path) -> None:
    for url in (f"/gradio_api/file={uploaded}", f"/gradio_api/file={quote(uploaded, safe='')}"):
        response = ann.get(url)
        assert (response.status_code, response.content) == (200, picture.read_bytes())
        assert response.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "name", ["page.html", "page.xhtml", "drawing.svg", "a.svgz", "run.js", "list.m3u8", "nameless"]
)
def test_an_upload_that_a_browser_could_run_is_only_ever_downloaded(ann: TestClient, name: str) -> None:
    script = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    (path,) = ann.post("/gradio_api/upload", files={"files": (name, script, "image/png")}).json()
    for headers in ({}, {"range": "bytes=0-9"}):
        answer = ann.get(f"/gradio_api/file={path}", headers=headers)
        assert answer.status_code == (206 if headers else 200)
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["content-disposition"].startswith("attachment")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in answer.headers["content-security-policy"]


def test_an_upload_of_many_files_is_recorded_whole(bob: TestClient, picture: Path) -> None:
    files = [("files", (f"{number}.png", picture.read_bytes())) for number in range(30)]
    paths = bob.post("/gradio_api/upload", files=files, headers={"accept-encoding": "br"}).json()
    assert len(paths) == 30
    assert {bob.get(f"/gradio_api/file={path}").status_code for path in paths} == {200}


def _ways(path: str) -> list[str]:
    """Every way that is known to ask Gradio for a file by its path."""
    relative = path.lstrip("/")
    return [
        *(f"/gradio_api/file={path}", f"/gradio_api/file/{path}", f"/gradio_api/file/{relative}"),
        *(f"/gradio_api/file={quote(path, safe='')}", f"/gradio_api/file%3D{path}", f"/gradio_api/%66ile={path}"),
        *(f"/gradio_api/file=/{path}", f"/gradio_api/file=file://{path}", f"/gradio_api/file={path}/", f"/file={path}"),
        *(
            f"/gradio_api/file={path}?x=1",
            f"/gradio_api/file=/..{path}",
            f"/gradio_api//file={path}",
            f"//gradio_api/file={path}",
        ),
        *(f"/gradio_api/queue/../file={path}", f"/gradio_api/queue%2F..%2Ffile={path}", f"/file/{relative}"),
        *(
            f"/gradio_api/proxy=http://localhost/file={path}",
            f"/static/{path}",
            f"/static/../../{relative}",
            f"/assets/{path}",
        ),
        *(
            f"/gradio_api/file={path}%00",
            f"/svelte/{path}",
            f"/studio/media/{path}",
            f"/studio/media/..%2F..%2F{relative}",
        ),
    ]


def test_no_way_leads_to_anothers_upload(bob: TestClient, uploaded: str, picture: Path) -> None:
    for url in _ways(uploaded):
        response = bob.get(url)
        assert response.status_code in (403, 404, 405), url
        assert picture.read_bytes() not in response.content, url


def test_no_way_leads_to_a_file_that_is_no_upload(site: Site, ann: TestClient, key: str) -> None:
    secret = site.settings.data_dir / "studio.db"
    link = site.settings.uploads / "link.png"
    link.symlink_to(secret)
    for path in (secret, link, site.media.local_path(key), Path(__file__), Path("/etc/hostname")):
        for url in _ways(str(path)):
            assert ann.get(url).status_code in (403, 404, 405), url


def test_anothers_upload_answers_exactly_as_a_missing_one(bob: TestClient, uploaded: str) -> None:
    missing, others = bob.get(f"/gradio_api/file={uploaded}x"), bob.get(f"/gradio_api/file={uploaded}")
    assert (others.status_code, others.content, dict(others.headers)) == (
        *(missing.status_code, missing.content),
        dict(missing.headers),
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.sampled_from("./\\%0a=~:fileprox\x00ü"), max_size=40))
def test_any_other_path_is_an_answer_and_never_an_error(ann: TestClient, path: str) -> None:
    for url in (f"/studio/media/{quote(path)}", f"/gradio_api/file={quote(path)}"):
        assert ann.get(url).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        *("proxy=https://example.com/a.png", "file=https://example.com/a.png", "deep_link?session_hash=a", "runs"),
        *(
            "stream/a/b/1/playlist.m3u8",
            "stream/a/b/1/c.ts",
            "stream/a/b/1/playlist-file",
            "custom_component/a/client/b/c",
        ),
        *("run-history/buckets", "vibe-code", "profiling/traces", "dev/reload", "token"),
    ],
)
def test_gradios_other_routes_are_closed(ann: TestClient, path: str) -> None:
    assert ann.get(f"/gradio_api/{path}").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        *("monitoring", "monitoring/summary", "monitoring/x", "monitoring//", "pwa_icon", "pwa_icon/9"),
        *("openapi.json", "docs", "redoc", "/", "/config", "config.json", "vibe-code", "runs"),
    ],
)
def test_what_the_page_does_not_need_is_closed(ann: TestClient, path: str) -> None:
    for method in ("GET", "HEAD", "POST"):
        answer = ann.request(method, f"http://localhost/{path}")
        assert answer.status_code == 404
        assert answer.content in (b'{"detail":"Not found"}', b"")


def test_a_login_is_a_new_secret_that_no_script_reads(site: Site) -> None:
    client = TestClient(site.app, base_url="https://localhost")
    given = client.post("/login", data={"username": "ann", "password": "annpw"}).headers.get_list("set-cookie")
    assert len([cookie for cookie in given if cookie.startswith("access-token-")]) == 2
    assert all("HttpOnly" in cookie for cookie in given)
    assert [cookie for cookie in given if "SameSite=none" in cookie] == [
        cookie for cookie in given if "Secure" in cookie
    ]
    planted = dict.fromkeys(client.cookies, "x" * 22)
    other = TestClient(site.app, base_url="https://localhost", cookies=planted)
    assert other.get("/gradio_api/user").json() is None
    assert other.post("/login", data={"username": "bob", "password": "bobpw"}).status_code == 200
    assert TestClient(site.app, cookies=planted, base_url="http://localhost").get("/gradio_api/user").json() is None
    assert {one.value for one in client.cookies.jar}.isdisjoint(one.value for one in other.cookies.jar)


def test_logging_out_ends_the_login_everywhere(tmp_path: Path, picture: Path) -> None:
    site = Site(tmp_path, "ann:annpw,bob:bobpw")  # one of its own: logging out ends all logins of a user
    key = site.media.put("ann", picture, picture.name).key
    here, there, bob = site.client("ann"), site.client("ann"), site.client("bob")
    cookies = dict(here.cookies)
    assert [client.get(media_url(key)).status_code for client in (here, there, bob)] == [200, 200, 404]
    crossing = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
    assert here.get("/logout", headers=crossing).status_code == 403
    assert here.get("/gradio_api/user").json() == "ann"
    here.post("/logout")
    for client in (here, there, TestClient(site.app, cookies=cookies, base_url="http://localhost")):
        assert client.get(media_url(key)).status_code == 404
        assert client.get("/gradio_api/user").json() is None
        assert client.get("/config").status_code == 401
    assert bob.get("/gradio_api/user").json() == "bob"


def test_a_loop_of_links_is_no_file(site: Site, ann: TestClient) -> None:
    loop = site.settings.uploads / "loop"
    loop.parent.mkdir(exist_ok=True)
    loop.symlink_to(loop)
    for url in _ways(str(loop)):
        assert ann.get(url).status_code in (403, 404, 405), url


def test_the_page_and_what_it_needs_are_open(ann: TestClient, site: Site) -> None:
    page = ann.get("/")
    assert page.status_code == 200
    assert page.headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors" in page.headers["content-security-policy"]
    assert ann.get("/gradio_api/user").json() == "ann"
    assert ann.get("/config").status_code == 200
    for path in re.findall(r'(?:href|src)="\.?(/[^"]+)"', page.text):
        assert ann.get(path).status_code == 200, path
    assert site.client().get("/config").status_code == 401


def test_an_upload_above_the_limit_is_refused_in_words(ann: TestClient) -> None:
    response = ann.post("/gradio_api/upload", files={"files": ("big.png", b"0" * (MAX_UPLOAD_MB * 1_000_000 + 1))})
    assert response.status_code == 413
    response = ann.post("/gradio_api/upload", files={"files": ("huge.png", b"0" * (MAX_UPLOAD_MB * 3_000_000))})
    assert (response.status_code, f"{MAX_UPLOAD_MB} MB" in response.text) == (413, True)


def test_an_upload_that_hides_its_size_is_cut_off(ann: TestClient, site: Site) -> None:
    def body() -> Iterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n'
        for _ in range(100):
            yield b"0" * 100_000

    response = ann.post(
        "/gradio_api/upload", content=body(), headers={"content-type": "multipart/form-data; boundary=x"}
    )
    assert response.status_code == 413


OTHER_SITES = [
    {"sec-fetch-site": "cross-site", "origin": "https://evil.example"},
    {"sec-fetch-site": "same-site", "origin": "http://localhost:9999"},
    {"sec-fetch-site": "cross-site"},
    *({"origin": one} for one in ("https://evil.example", "http://localhost:9999", "http://localhost.evil.example")),
    *({"origin": one} for one in ("null", "", "localhost", "http://", "http://[")),
]
"""What a browser says of a page of another site, without Sec-Fetch-Site on plain HTTP."""

HERE = [
    *({"sec-fetch-site": "same-origin", "origin": "http://localhost"}, {"sec-fetch-site": "none"}),
    *({"origin": "http://localhost"}, {"origin": "http://localhost", "host": "LocalHost:80"}, dict[str, str]()),
]
"""What it says of this one, and what a program says."""


@pytest.mark.parametrize("crossing", OTHER_SITES, ids=str)
def test_other_sites_can_neither_write_nor_read_in_a_users_name(ann: TestClient, crossing: dict[str, str]) -> None:
    assert ann.post("/gradio_api/upload", files={"files": ("a.png", b"a")}, headers=crossing).status_code == 403
    assert ann.post("/logout", headers=crossing).status_code == 403
    assert "access-control-allow-origin" not in ann.get("/gradio_api/user", headers=crossing).headers
    assert ann.get("/gradio_api/user").json() == "ann"


@pytest.mark.parametrize("headers", HERE, ids=str)
def test_the_page_itself_and_programs_may_act(ann: TestClient, headers: dict[str, str]) -> None:
    assert ann.post("/gradio_api/upload", files={"files": ("a.png", b"a")}, headers=headers).status_code == 200


@pytest.mark.parametrize("headers", [*OTHER_SITES, *HERE], ids=str)
def test_signing_out_is_no_link(ann: TestClient, headers: dict[str, str]) -> None:
    for method in ("GET", "HEAD"):
        assert not ann.request(method, "/logout", headers=headers).headers.get_list("set-cookie")
    assert ann.get("/gradio_api/user").json() == "ann"


def test_signing_out_is_a_button(tmp_path: Path) -> None:
    client = Site(tmp_path, "ann:annpw").client("ann")
    assert '<form method="post">' in client.get("/logout").text
    out = client.post("/logout", headers={"origin": "http://localhost"}, follow_redirects=False)
    assert (out.status_code, out.headers["location"]) == (303, "./")
    assert client.get("/gradio_api/user").json() is None
    assert not [cookie for cookie in client.cookies if cookie.startswith("access-token-")]


def test_without_accounts_everything_belongs_to_the_local_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "data" / "uploads"))
    site = Site(tmp_path, "")
    picture = media_samples.png(tmp_path / "a.png")
    key = site.media.put(LOCAL_USER, picture, "a.png").key
    assert site.client().get(media_url(key)).content == picture.read_bytes()
    (path,) = site.client().post("/gradio_api/upload", files={"files": ("a.png", picture.read_bytes())}).json()
    assert site.client().get(f"/gradio_api/file={path}").content == picture.read_bytes()


def test_the_page_comes_compressed(ann: TestClient) -> None:
    plain = ann.get("/", headers={"accept-encoding": "identity"})
    packed = ann.get("/", headers={"accept-encoding": "gzip"})
    assert packed.text == plain.text
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) * 3 < int(plain.headers["content-length"])
