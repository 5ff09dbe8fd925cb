"""A Space of Hugging Face whose visitors sign in, with a provider of our own in place of huggingface.co."""

import time
from typing import Any

import httpx2
import pytest
from starlette.testclient import TestClient

from tests.web.provider import CLIENT_ID, CLIENT_SECRET, Provider

HTTPS = "https://studio"
"""Where the Space is: the session's cookie is for https only."""


def login(sub: str, seconds: float = 3600) -> dict[str, Any]:
    """What a session holds of one who has signed in."""
    return {"expires_at": time.time() + seconds, "userinfo": {"sub": sub}}


def enter_space(patch: pytest.MonkeyPatch, provider: Provider) -> None:
    """Let the settings and Gradio find what a Space with `hf_oauth: true` gives them."""
    oauth = {
        "OAUTH_CLIENT_ID": CLIENT_ID,
        "OAUTH_CLIENT_SECRET": CLIENT_SECRET,
        "OAUTH_SCOPES": "openid profile",
        "OPENID_PROVIDER_URL": provider.url,
    }
    for name, value in oauth.items():
        patch.setenv(name, value)
        patch.setattr(f"gradio.oauth.{name}", value)  # read when Gradio was imported
    patch.setenv("SPACE_ID", "ann/studio")
    patch.setenv("SPACE_HOST", HTTPS.removeprefix("https://"))
    patch.setenv("SYSTEM", "spaces")


def at_provider(address: str, account: str | None) -> str:
    """Where the provider sends the browser of this account; with no account it cancels there."""
    answer = httpx2.get(address, cookies={"account": account} if account else {})
    return str(answer.headers["location"])


def way_back(client: TestClient, account: str | None, target: str = "/") -> str:
    """The address at which a browser comes back that asked to sign in and went to the provider."""
    answer = client.get("/login/huggingface", params={"_target_url": target}, follow_redirects=False)
    return at_provider(answer.headers["location"], account)


def sign_in(client: TestClient, account: str | None) -> httpx2.Response:
    """What a browser sees that has gone to the provider and come back."""
    return client.get(way_back(client, account))
