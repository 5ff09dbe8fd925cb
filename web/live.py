"""The route that every open page polls once a second for news; as cheap as possible."""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from components.library.near import LONGEST_ID
from components.users import user_of_page
from web.gate.guard import unknown

WhatIsNew = Callable[[str, str], Mapping[str, Any]]
"""The state of a user's page of a workspace, by user and workspace id."""


class WhatIsNewRoute:
    """Answers 304 where the page has the same state already."""

    def __init__(self, what_is_new: WhatIsNew) -> None:
        self._what_is_new = what_is_new

    def get(self, request: Request) -> Response:
        """What is new as JSON with an ETag; 401 for a stranger."""
        user = user_of_page(request)
        if user is None:
            return unknown()
        body = json.dumps(self._what_is_new(user, request.query_params.get("workspace", "")[:LONGEST_ID])).encode()
        headers = {
            "etag": f'"{hashlib.sha256(body).hexdigest()[:32]}"',
            "cache-control": "private, no-store",
            "vary": "Cookie",
        }
        if request.headers.get("if-none-match", "").removeprefix("W/") == headers["etag"]:  # a proxy that packs says W/
            return Response(status_code=304, headers=headers)
        return Response(body, media_type="application/json", headers=headers)
