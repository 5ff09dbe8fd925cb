"""What the page says when a sign-in has ended."""

from playwright.sync_api import Browser

from tests.browser.modules.module_page import module_page, stand_in

SERVER = "() => { window.fetch = async (status) => new Response('', { status: Number(status) }); }"


def test_a_sign_in_that_ended_is_said_once_and_again_after_another_and_so_is_that_one(chromium: Browser) -> None:
    say = {"kit/say.js": stand_in("say", "sayLoudly", "unsay")}
    with module_page(chromium, "gradio_ext/signed_out.js", stand_ins=say, before=SERVER) as page:
        counts = page.evaluate("""async () => {
          const counts = [];
          for (const status of ["200", "401", "401", "404", "401", "200", "200"]) {
            await fetch(status);
            counts.push(calls.length);
          }
          return counts;
        }""")
        assert counts == [0, 1, 1, 1, 2, 3, 3]
        assert "signed out" in page.evaluate("calls[0][1].text")
        assert "signed in again" in page.evaluate("calls[2][1].text")
