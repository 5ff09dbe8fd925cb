"""What RunPod may do wrong, and what a job says then: never a second run, and always a sentence."""

import base64
import json
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backends.base import BackendError, Cancelled, Request, Stopped
from backends.runpod import HANDED_OVER, RunPodBackend, RunPodSpec
from tests.backends.contract import is_sentence
from tests.backends.fake_context import FakeContext
from tests.backends.runpod.handlers import HANDLERS, result
from tests.backends.runpod.platform import KEY, Fault, Platform, running
from tests.backends.runpod.runs import run


def fails(platform: Platform, folder: Path, context: FakeContext | None = None, **given: Any) -> BackendError:
    """The error with which a run fails; it is a sentence, keeps the key, and leaves nothing behind."""
    with pytest.raises(BackendError) as failed:
        run(platform, folder, context=context, **given)
    told = f"{failed.value} {failed.value.detail} {failed.value.fields}"
    assert is_sentence(str(failed.value))
    assert KEY not in told
    assert list(folder.iterdir()) == []
    return failed.value


def only(name: str, what: int | str, first: int = 1, last: int = 10**6) -> Fault:
    return lambda call, number: what if call == name and first <= number <= last else None


def returns(platform: Platform, output: Any) -> None:
    platform.handlers["flux-krea"] = lambda given: iter([output])


def test_a_request_whose_sender_was_killed_in_its_midst_is_none(platform: Platform) -> None:
    """As of any server; else the tests of kills would count a run that nobody asked for."""
    address = urlsplit(platform.url)
    head = f"POST /v2/flux-krea/run HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {KEY}\r\nContent-Length: 90\r\n\r\n"
    with socket.create_connection((address.hostname, address.port)) as sender:
        sender.sendall(head.encode() + b'{"input": ')
        sender.shutdown(socket.SHUT_WR)
        assert sender.recv(1) == b""
    assert (platform.count("run"), platform.runs) == (0, {})


# --- begun once ------------------------------------------------------------------------------------------------------


def test_the_id_is_remembered_before_it_is_waited_for(platform: Platform, tmp_path: Path) -> None:
    context = FakeContext()
    platform.fault = only("status", 404)
    fails(platform, tmp_path / "out", context)
    assert context.remembered == "flux-krea/0000-u1"


def test_a_remembered_run_is_taken_up(platform: Platform, tmp_path: Path) -> None:
    with pytest.raises(Stopped):
        run(platform, tmp_path / "first", context=(first := FakeContext(calls=3, order=Stopped)))
    made = run(platform, tmp_path / "second", context=FakeContext(remembered=first.remembered))
    assert made.files
    assert len(platform.runs) == 1
    assert platform.count("cancel") == 0


def test_it_is_taken_up_where_it_runs_also_when_the_setting_changed(platform: Platform, tmp_path: Path) -> None:
    context = FakeContext()
    run(platform, tmp_path / "first", context=context)
    elsewhere = platform.environment | {"RUNPOD_ENDPOINT_FLUX_KREA": "elsewhere"}
    folder = tmp_path / "second"
    folder.mkdir()
    spec = RunPodSpec(kind="runpod", endpoint_setting="RUNPOD_ENDPOINT_FLUX_KREA", result="image")
    request = Request("3f0e", "flux-krea", spec, {}, folder)
    assert RunPodBackend(elsewhere, lambda _: None).run(request, FakeContext(remembered=context.remembered)).files
    assert len(platform.runs) == 1


def test_one_that_was_cut_off_while_it_was_handed_over_is_not_sent_again(platform: Platform, tmp_path: Path) -> None:
    assert "may run there or not" in str(fails(platform, tmp_path / "out", FakeContext(remembered=HANDED_OVER)))
    assert platform.calls == []


@pytest.mark.parametrize("what", ["lost", "slow", "nonsense", "down", 500, 502, 504])
def test_a_lost_answer_is_not_sent_again(what: int | str, platform: Platform, tmp_path: Path) -> None:
    platform.fault = only("run", what)
    assert "may run there or not" in str(fails(platform, tmp_path / "out", timeout=0.3))
    assert platform.count("run") == 1


def test_what_was_refused_for_now_is_sent_again(platform: Platform, tmp_path: Path) -> None:
    platform.fault = only("run", 429, last=5)
    context = FakeContext()
    assert run(platform, tmp_path / "out", context=context).files
    assert len(platform.runs) == 1
    assert any("asks for patience" in words for words in context.words)


def test_a_server_that_is_not_there_got_nothing(tmp_path: Path) -> None:
    with running(Platform(HANDLERS)) as platform:
        pass
    context = FakeContext()
    assert "nothing was sent" in str(fails(platform, tmp_path / "out", context))
    assert not context.remembered


@pytest.mark.parametrize(
    ("status", "said"),
    [(401, "RUNPOD_API_KEY"), (403, "RUNPOD_API_KEY"), (404, "no such endpoint"), (400, "a fault"), (413, "a fault")],
)
def test_what_is_refused_for_good_says_why(status: int, said: str, platform: Platform, tmp_path: Path) -> None:
    platform.fault = only("run", status)
    assert said in str(fails(platform, tmp_path / "out"))
    assert platform.count("run") == 1


# --- waited for ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["down", "slow", "nonsense", 429, 500, 503])
def test_a_status_that_does_not_come_is_asked_for_again(what: int | str, platform: Platform, tmp_path: Path) -> None:
    platform.fault = only("status", what, first=2, last=4)
    assert run(platform, tmp_path / "out", timeout=0.3).files
    assert len(platform.runs) == 1


@pytest.mark.parametrize("what", ["down", "nonsense", 429, 503])
def test_one_that_never_comes_ends_the_job(what: int | str, platform: Platform, tmp_path: Path) -> None:
    platform.fault = only("status", what)
    failed = fails(platform, tmp_path / "out")
    assert "half an hour" in str(failed)
    assert "0000-u1" in failed.detail


@pytest.mark.parametrize(
    ("status", "said"), [(401, "RUNPOD_API_KEY"), (404, "not know this run any more"), (400, "a fault")]
)
def test_a_final_answer_ends_the_wait(status: int, said: str, platform: Platform, tmp_path: Path) -> None:
    platform.fault = only("status", status, first=2)
    assert said in str(fails(platform, tmp_path / "out"))
    assert platform.count("status") == 2


def test_progress_in_the_output_is_told_and_is_no_result(platform: Platform, tmp_path: Path) -> None:
    context = FakeContext()
    made = run(platform, tmp_path / "out", context=context)
    assert len(made.files) == 1
    assert (1, 2) in context.steps
    assert "Decoding" in context.words
    assert context.seconds == 0.9


@pytest.mark.parametrize("status", ["CANCELLED", "TIMED_OUT"])
def test_a_run_that_ended_there_says_so(status: str, platform: Platform, tmp_path: Path) -> None:
    returns(platform, {"status": status})
    assert {"CANCELLED": "cancelled at RunPod", "TIMED_OUT": "longer than"}[status] in str(
        fails(platform, tmp_path / "o")
    )


def test_an_exception_of_the_handler_comes_as_json_in_a_text(platform: Platform, tmp_path: Path) -> None:
    def handler(_: dict[str, Any]) -> Iterator[Any]:
        raise RuntimeError("CUDA out of memory")
        yield

    platform.handlers["flux-krea"] = handler
    failed = fails(platform, tmp_path / "out")
    assert str(failed) == "The worker at RunPod failed: CUDA out of memory."
    assert "Traceback" in failed.detail


def test_an_error_that_the_handler_returns_comes_with_what_it_left(platform: Platform, tmp_path: Path) -> None:
    returns(platform, {"error": "no video was made", "stderr": "at line 5"})
    failed = fails(platform, tmp_path / "out")
    assert str(failed) == "The worker at RunPod failed: no video was made."
    assert "at line 5" in failed.detail


def test_the_signature_of_an_address_stands_in_no_error(platform: Platform, tmp_path: Path) -> None:
    returns(platform, {"error": "cannot fetch https://bucket.example.org/a.png?X-Amz-Signature=abcdef and so on"})
    failed = fails(platform, tmp_path / "out")
    assert "abcdef" not in f"{failed} {failed.detail}"
    assert "and so on" in str(failed)


# --- cancelled -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", [None, 429, 500, "down"])
def test_a_cancelled_job_cancels_its_run(what: int | str | None, platform: Platform, tmp_path: Path) -> None:
    platform.fault = lambda call, number: what if call == "cancel" and number <= 2 else None
    with pytest.raises(Cancelled):
        run(platform, tmp_path / "out", context=FakeContext(calls=3))
    assert [one.cancelled for one in platform.runs.values()] == [True]


def test_a_cancel_that_does_not_get_through_ends_the_job_all_the_same(platform: Platform, tmp_path: Path) -> None:
    platform.fault = only("cancel", "down")
    with pytest.raises(Cancelled):
        run(platform, tmp_path / "out", context=FakeContext(calls=3))
    assert platform.count("cancel") == 4


def test_a_cancel_before_a_run_is_taken_up_reaches_it_too(platform: Platform, tmp_path: Path) -> None:
    with pytest.raises(Stopped):
        run(platform, tmp_path / "first", context=(first := FakeContext(calls=3, order=Stopped)))
    with pytest.raises(Cancelled):
        run(platform, tmp_path / "second", context=FakeContext(calls=1, remembered=first.remembered))
    assert [one.cancelled for one in platform.runs.values()] == [True]


# --- results ---------------------------------------------------------------------------------------------------------


def test_a_result_comes_in_each_form_that_handlers_use(platform: Platform, tmp_path: Path) -> None:
    picture = result("image")
    platform.files["/files/a.png"] = base64.b64decode(picture)
    address = f"{platform.url}/files/a.png"
    data = f"data:image/png;base64,{picture}"
    forms = [picture, data, address, {"image": picture}, {"image_url": address}, {"images": [picture, data]}]
    for number, output in enumerate([*forms, {"image_base64": picture}, [{"image": picture}], {"image_path": address}]):
        returns(platform, output)
        made = run(platform, tmp_path / str(number))
        assert {path.read_bytes() for path in made.files} == {base64.b64decode(picture)}
        assert {path.suffix for path in made.files} == {".png"}


def test_texts_and_numbers_beside_a_result_are_kept(platform: Platform, tmp_path: Path) -> None:
    beside = {"caption": "a fox", "score": 0.5, "long": "x" * 2000, "flag": True, "": "no name", "list": [1]}
    returns(platform, {"image": result("image"), **beside})
    assert run(platform, tmp_path / "out").texts == {"caption": "a fox", "score": 0.5}


@pytest.mark.parametrize("what", [500, 429, "down"])
def test_a_result_that_cannot_be_fetched_now_is_fetched_later(
    what: int | str, platform: Platform, tmp_path: Path
) -> None:
    platform.files["/files/a.png"] = base64.b64decode(result("image"))
    platform.fault = only("file", what, last=3)
    returns(platform, {"image_url": f"{platform.url}/files/a.png"})
    assert run(platform, tmp_path / "out").files
    assert len(platform.runs) == 1


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ({}, "returned no image"),
        (None, "returned no image"),
        ({"image": ""}, "returned no image"),
        ({"image": 7}, "returned no image"),
        ({"image": "not base64!"}, "no file"),
        ({"image": base64.b64encode(b"just text").decode()}, "not a picture"),
        ({"image": "ann"}, "no file"),
        ({"image_path": "/runpod-volume/out/a.png"}, "/runpod-volume/out/a.png"),
        ({"image_path": "s3://bucket/a.png"}, "s3://bucket/a.png"),
        ({"image_url": "http://127.0.0.1:1/a.png"}, "could not be fetched"),
        ({"image_url": "http://[/a.png"}, "could not be fetched"),
    ],
    ids=str,
)
def test_what_is_no_result_says_so(output: Any, said: str, platform: Platform, tmp_path: Path) -> None:
    returns(platform, output)
    assert said in str(fails(platform, tmp_path / "out"))


def test_a_file_of_the_wrong_kind_is_no_result(platform: Platform, tmp_path: Path) -> None:
    returns(platform, {"image": result("video")})
    assert "returned a film, and the model makes a picture" in str(fails(platform, tmp_path / "out"))


def test_an_address_that_is_gone_says_so(platform: Platform, tmp_path: Path) -> None:
    returns(platform, {"image_url": f"{platform.url}/files/none.png"})
    assert "answers 404" in str(fails(platform, tmp_path / "out"))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.text(max_size=9)
            | st.sampled_from(
                [
                    "image",
                    "images",
                    "image_url",
                    "error",
                    "error_message",
                    "progress",
                    "step",
                    "of",
                    "message",
                    "status",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)
STATES = st.sampled_from(["IN_QUEUE", "IN_PROGRESS", "RUNNING", "COMPLETED", "FAILED", "CANCELLED", "TIMED_OUT", "NEW"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=st.lists(st.fixed_dictionaries({"status": STATES, "output": JSON, "error": JSON}), max_size=4))
def test_whatever_it_tells_ends_in_files_or_a_sentence(
    told: list[dict[str, Any]], platform: Platform, tmp_path: Path
) -> None:
    """The law of the backend: no answer makes it raise anything else, and progress only rises."""
    platform.handlers["flux-krea"] = lambda _: iter([{"status": "FAILED"}])
    context, folder = FakeContext(), tmp_path / "out"
    shutil.rmtree(folder, ignore_errors=True)
    platform.after = [json.loads(json.dumps(one)) for one in told]
    said, files = "", tuple[Path, ...]()
    try:
        files = run(platform, folder, context=context).files
    except BackendError as error:
        said = str(error)
    assert files or is_sentence(said)
    assert context.fractions == sorted(context.fractions)
    assert all(of is None or (step is not None and 0 <= step <= of) for step, of in context.steps)
