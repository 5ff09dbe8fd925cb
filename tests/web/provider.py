"""An OpenID provider in place of huggingface.co: as strict about secrets and codes, and faulty where a test wants."""

import secrets
import socket
import time
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from threading import Thread
from typing import Annotated, Any, Literal

import uvicorn
from fastapi import Cookie, Depends, FastAPI, Form, Header, Response
from fastapi.security import HTTPBasic, HTTPBasicCredentials
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from starlette.datastructures import URL
from starlette.responses import JSONResponse, RedirectResponse

CLIENT_ID = "the id of the Space"
CLIENT_SECRET = "the secret of the Space"
REDIRECT_URI = "https://studio/login/callback"
"""Codes are sent nowhere else; its query may say anything."""

_SECONDS = 8 * 3600


def new_key() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": "the provider's key"})


@dataclass(frozen=True)
class Grant:
    """What a code is exchanged for, by who names the same address that it was sent to."""

    redirect_uri: str
    claims: dict[str, Any]


@dataclass
class Faults:
    """What a test lets the provider do wrong: claims in place of the true ones, a key that is not its own, no token."""

    claims: dict[str, Any] = field(default_factory=dict)
    key: RSAKey | None = None
    token: Response | None = None


class Provider(AbstractContextManager["Provider"]):
    """Answers at `url`, a free port of this machine, from when it is entered until it is left."""

    def __init__(self) -> None:
        self.faults = Faults()
        self._key = new_key()
        self._grants: dict[str, Grant] = {}
        self._known: dict[str, dict[str, Any]] = {}
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._server = uvicorn.Server(uvicorn.Config(self._app(), log_config=None, lifespan="off", ws="none"))
        self._thread = Thread(target=self._server.run, kwargs={"sockets": [self._listener]})

    def __enter__(self) -> "Provider":
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.should_exit = True
        self._thread.join()

    def _app(self) -> FastAPI:
        app = FastAPI()
        app.get("/.well-known/openid-configuration")(self._configuration)
        app.get("/oauth/jwks")(self._keys)
        app.get("/oauth/authorize")(self._authorize)
        app.post("/oauth/token", response_model=None)(self._token)
        app.get("/oauth/userinfo", response_model=None)(self._userinfo)
        return app

    def _configuration(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/oauth/authorize",
            "token_endpoint": f"{self.url}/oauth/token",
            "userinfo_endpoint": f"{self.url}/oauth/userinfo",
            "jwks_uri": f"{self.url}/oauth/jwks",
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    def _keys(self) -> dict[str, Any]:
        return dict(KeySet([self._key]).as_dict(private=False))

    def _authorize(
        self,
        client_id: str,
        redirect_uri: str,
        response_type: Literal["code"],
        scope: Literal["openid profile"],
        state: str,
        nonce: str,
        account: Annotated[str | None, Cookie()] = None,
    ) -> Response:
        """Send back with a code, or one who is not known here as one who has pressed Cancel."""
        if (client_id, redirect_uri.partition("?")[0]) != (CLIENT_ID, REDIRECT_URI):
            return JSONResponse({"error": "invalid_request"}, 400)
        answer = {"error": "access_denied"}
        if account is not None:
            answer = {"code": secrets.token_urlsafe()}
            claims = {"sub": account, "preferred_username": f"{account}'s present name", "nonce": nonce}
            self._grants[answer["code"]] = Grant(redirect_uri, claims)
        return RedirectResponse(URL(redirect_uri).include_query_params(**answer, state=state))

    def _token(
        self,
        client: Annotated[HTTPBasicCredentials, Depends(HTTPBasic())],
        grant_type: Annotated[Literal["authorization_code"], Form()],
        code: Annotated[str, Form()],
        redirect_uri: Annotated[str, Form()],
    ) -> Response:
        if (client.username, client.password) != (CLIENT_ID, CLIENT_SECRET):
            return JSONResponse({"error": "invalid_client"}, 401)
        grant = self._grants.pop(code, None)
        if grant is None or grant.redirect_uri != redirect_uri:
            return JSONResponse({"error": "invalid_grant"}, 400)
        if self.faults.token:
            return self.faults.token
        token, now = secrets.token_urlsafe(), int(time.time())
        self._known[token] = grant.claims
        claims = {"iss": self.url, "aud": CLIENT_ID, "iat": now, "exp": now + _SECONDS, **grant.claims}
        header = {"alg": "RS256", "kid": self._key.kid}
        signed = jwt.encode(header, claims | self.faults.claims, self.faults.key or self._key)
        return JSONResponse({"access_token": token, "token_type": "bearer", "expires_in": _SECONDS, "id_token": signed})

    def _userinfo(self, authorization: Annotated[str, Header()]) -> Response:
        claims = self._known.get(authorization.removeprefix("Bearer "))
        return JSONResponse(claims or {"error": "invalid_token"}, 200 if claims else 401)
