"""How the page's scripts ask the server."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.modules.module_page import module_page

SERVER = """() => {
  window.gradio_config = { root: "http://scripts.test/root", api_prefix: "/gradio_api" };
  window.answer = { data: [{ plan: 1 }] };
  window.status = 200;
  window.fetch = async (address, options) => {
    const { method, body, keepalive } = options;
    calls.push([address, method, new TextDecoder().decode(body), keepalive]);
    return new Response(JSON.stringify(window.answer), { status: window.status });
  };
}"""
ENDPOINTS = {"reuse_job": {"job_id": None, "part": "all", "now": None}, "cancel_job": {"job_id": None}}


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    with module_page(chromium, "form/layout.js", "form/transport.js", before=SERVER) as page:
        page.evaluate("(endpoints) => layout.setLayout({ endpoints }, () => {})", ENDPOINTS)
        yield page


def test_a_question_goes_to_the_endpoint_of_its_name_with_its_parameters_in_order(page: Page) -> None:
    assert page.evaluate("transport.ask('reuse_job', { now: { prompt: '' }, job_id: 'j' })") == {"plan": 1}
    ((address, method, body, keepalive),) = page.evaluate("calls")
    assert (address, method, keepalive) == ("/root/gradio_api/run/reuse_job", "POST", True)
    assert json.loads(body)["data"] == ["j", "all", {"prompt": ""}]


def test_what_answers_nothing_is_done(page: Page) -> None:
    page.evaluate("() => { window.answer = { data: [] }; }")
    assert page.evaluate("transport.ask('cancel_job', { job_id: 'j' })") is None


def test_all_questions_are_of_one_session(page: Page) -> None:
    for _ in range(2):
        page.evaluate("transport.ask('cancel_job', { job_id: 'j' })")
    sessions = {json.loads(body)["session_hash"] for _, _, body, _ in page.evaluate("calls")}
    assert len(sessions) == 1
    assert min(map(len, sessions)) > 8


def test_a_refusal_is_said_in_its_own_words(page: Page) -> None:
    page.evaluate("() => { window.status = 500; window.answer = { error: 'This job does not exist.' }; }")
    assert page.evaluate("transport.ask('cancel_job').catch(transport.errorText)") == "This job does not exist."


def test_who_is_signed_out_is_told_what_to_do(page: Page) -> None:
    said = "transport.ask('reuse_job').catch(transport.errorText)"
    page.evaluate("() => { window.status = 401; }")
    assert "Sign in again in another tab" in page.evaluate(said)
    page.evaluate("() => { window.gradio_config.username = 'visitor:1'; }")
    assert page.evaluate(said) == "You are signed out. Reload the page to come in again."


@pytest.mark.parametrize("status", [404, 500, 503])
def test_an_error_is_no_answer(page: Page, status: int) -> None:
    page.evaluate("(status) => { window.status = status; window.answer = { error: null }; }", status)
    assert page.evaluate("transport.ask('reuse_job').catch((error) => error.message)") == f"reuse_job: {status}"
    words = page.evaluate("transport.ask('reuse_job').catch(transport.errorText)")
    assert words == page.evaluate("transport.NO_ANSWER")


def test_what_is_longer_than_a_browser_keeps_alive_is_sent_all_the_same(page: Page) -> None:
    page.evaluate("transport.ask('reuse_job', { now: 'ü'.repeat(30000) })")
    assert page.evaluate("calls[0][3]") is False
