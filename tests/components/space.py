"""A Space of Hugging Face whose visitors sign in, but for huggingface.co itself."""

import time
from typing import Any

import pytest
from fastapi import FastAPI, Request
from starlette.responses import RedirectResponse

from studio import settings

SECRET = "the secret of the Space"


def login(sub: str, seconds: float = 3600) -> dict[str, Any]:
    """What a session holds of one who has signed in."""
    return {"expires_at": time.time() + seconds, "userinfo": {"sub": sub, "preferred_username": "a name that changes"}}


def enter_space(patch: pytest.MonkeyPatch) -> None:
    """Let the settings and Gradio find what a Space with `hf_oauth: true` gives them."""
    for name in ("OAUTH_CLIENT_ID", "OAUTH_CLIENT_SECRET", "OAUTH_SCOPES", "OPENID_PROVIDER_URL"):
        patch.setenv(name, SECRET)
    patch.setenv("SPACE_ID", "ann/studio")
    patch.setenv("SYSTEM", "spaces")
    patch.setattr(settings, "find_spec", lambda name: name)
    patch.setattr("gradio.oauth.OAUTH_CLIENT_SECRET", SECRET)
    patch.setattr("gradio.oauth._add_oauth_routes", _routes)


def _routes(app: FastAPI) -> None:
    """What Gradio's routes do with the session; those before ask huggingface.co who it is, this one the query."""

    @app.get("/login/callback")
    async def sign_in(request: Request, sub: str) -> RedirectResponse:
        request.session["oauth_info"] = login(sub)
        return RedirectResponse("/")

    @app.get("/logout")
    async def sign_out(request: Request) -> RedirectResponse:
        request.session.pop("oauth_info", None)
        return RedirectResponse("/")
