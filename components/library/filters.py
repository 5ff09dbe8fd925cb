"""What the gallery is to show: the search box and the filters above it, and what they ask for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self, get_args

import gradio as gr

from components.form.fields import JsField
from media_kinds import MediaKind
from model_configs.schema import ModelConfig
from storage.jobs.sorting import Sort
from storage.jobs.store import JobStatus

LONGEST_SEARCH = 1000
"""Letters that are looked for; more would be a mistake."""


def filter_bar(models: Iterable[ModelConfig]) -> gr.HTML:
    """The bar; its value is the data of `Filters`, and it tells of each change by the event seek."""
    return JsField(
        "library/filter_bar",
        None,
        {"type": "object"},
        models=[{"id": model.id, "name": model.name} for model in models],
        longest=LONGEST_SEARCH,
        elem_id="filter-bar",
        elem_classes=["studio-ui"],
    )


@dataclass(frozen=True, slots=True)
class Filters:
    """What the browser asks for, with everything that means nothing left out: it is not trusted.

    `asked` is the page's number of the question, and comes back with the answer. `everywhere` means all workspaces,
    `trashed` the deleted jobs in place of the others. Without `sort` the newest come first.
    """

    asked: int = 0
    everywhere: bool = False
    search: str = ""
    model_id: str | None = None
    type: MediaKind | None = None
    status: JobStatus | None = None
    favourite: bool | None = None
    rating: int | None = None
    label: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    trashed: bool = False
    sort: Sort | None = None

    @classmethod
    def of(cls, told: Any) -> Self:
        """Reads the value of the bar."""
        data: Mapping[str, Any] = told if isinstance(told, dict) else {}
        texts = {name: value for name, value in data.items() if isinstance(value, str)}
        asked = data.get("asked")
        return cls(
            asked=asked if isinstance(asked, int) and 0 < asked < 2**53 else 0,
            everywhere=data.get("everywhere") is True,
            search=texts.get("search", "").strip()[:LONGEST_SEARCH],
            model_id=texts.get("model_id") or None,
            type=next((kind for kind in get_args(MediaKind) if kind == texts.get("type")), None),
            status=next((status for status in JobStatus if status == texts.get("status")), None),
            favourite=True if data.get("favourite") is True else None,
            rating=next((stars for stars in range(1, 6) if data.get("rating") == stars), None),
            label=texts.get("label", "")[:LONGEST_SEARCH] or None,
            since=moment(texts.get("since")),
            until=moment(texts.get("until")),
            trashed=data.get("trashed") is True,
            sort=next((sort for sort in get_args(Sort)[1:] if sort == texts.get("sort")), None),
        )

    @property
    def active(self) -> bool:
        """Whether not all jobs of one workspace are meant."""
        return self.everywhere or bool(self.narrowing())

    def narrowing(self) -> dict[str, Any]:
        """What only some of the workspace's jobs meet."""
        names = ("search", "model_id", "type", "status", "favourite", "rating", "label", "since", "until", "trashed")
        return {name: value for name in names if (value := getattr(self, name))}

    def wanted(self) -> dict[str, Any]:
        """What a page of jobs is asked for, beside its workspace."""
        return self.narrowing() | ({"sort": self.sort} if self.sort else {})


def moment(text: Any) -> datetime | None:
    """A time that says its zone, in UTC."""
    try:
        read = datetime.fromisoformat(text) if isinstance(text, str) else None
        return read.astimezone(UTC) if read and read.tzinfo else None
    except (ValueError, OverflowError):
        return None
