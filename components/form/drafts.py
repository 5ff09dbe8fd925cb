"""Keeps the drafts of forms that pages send, in the order in which each page sent them."""

import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from components.api_types import KeptDraft
from components.form.fields import form_values
from storage.database import log_safe
from storage.errors import DatabaseFaultError, MediaStoreError, StorageError
from storage.jobs.store import Source
from studio.context import StudioContext
from studio.errors import StudioError

_MOST_PAGES = 10_000
log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Page:
    """What has come from a page: by model the number of the newest draft, and of the newest that is dealt with; `lock`
    is for whoever asks or adds.
    """

    lock: threading.Lock = field(default_factory=threading.Lock)
    newest: dict[str, int] = field(default_factory=dict)
    done: dict[str, int] = field(default_factory=dict)


class DraftKeeper:
    """Keeps the drafts that pages send, those of one page in the order in which it sent them: what a page sends when it
    goes overtakes what is on its way, and a file takes long to be taken in.
    """

    def __init__(self, context: StudioContext) -> None:
        self._context = context
        self._lock = threading.Lock()
        self._page = lru_cache(_MOST_PAGES)(lambda _user_id, _page_id: _Page())

    def keep(
        self,
        user_id: str,
        page_id: str,
        model_id: str,
        now: Mapping[str, Any] | None,
        *,
        part: bool = False,
        sources: Sequence[Source] = (),
        selected: str | None = None,
        number: int = 0,
    ) -> KeptDraft:
        """Keep what a form holds `now`, or a part of it; a draft is a help, so one that cannot be kept is only logged.

        Without a form only the model that is selected is kept. Returns what is wrong with the form's files, and a
        sentence in `fault` where the same draft may be kept the next time.
        """
        refused, fault = dict[str, str](), ""
        page = self._page_of(user_id, page_id)
        try:
            config, values = self._context.model(model_id), None
            if now is not None:
                values, refused = self._context.store_files(user_id, config, form_values(config, now))
            with page.lock:
                if number < page.newest.get(model_id, number):
                    return {"fault": fault, "refused": refused}
                page.newest[model_id] = number
                if values is not None:
                    self._context.keep_draft(user_id, model_id, values, part=part, sources=sources)
                if number == max(page.newest.values()):
                    self._context.remember_model(user_id, selected)
        except (StudioError, StorageError) as error:
            log.warning("a draft of %s is not kept: %s", log_safe(model_id), error)
            if isinstance(error, DatabaseFaultError | MediaStoreError):
                fault = str(error)
        finally:
            with page.lock:
                page.done[model_id] = max(number, page.done.get(model_id, number))
        return {"fault": fault, "refused": refused}

    def has(self, user_id: str, page_id: str, sent: Mapping[str, int]) -> bool:
        """Whether all that the page sent is dealt with, by model the number of its newest draft."""
        done = self._page_of(user_id, page_id).done
        return all(done.get(model_id, -1) >= number for model_id, number in sent.items())

    def _page_of(self, user_id: str, page_id: str) -> _Page:
        with self._lock:
            return self._page(user_id, page_id)
