"""The page and a plain model of the form, side by side."""

import hashlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from studio.settings import LOCAL_USER
from tests.browser.form_jobs import FormJobs
from tests.browser.form_model import FormModel, Way
from tests.browser.studio_page import PATIENCE, StudioPage

_HAS_NO_MORE_TO_TELL = "!window.studio || studio.drafts.areKept()"  # or it was left, and told all as it went


class Life:
    """The page and the model side by side: every action is done in both, then both must show the same."""

    def __init__(self, page: StudioPage, jobs: FormJobs, begin_in: Callable[[str], None]) -> None:
        self.page, self.jobs, self._begin_in = page, jobs, begin_in
        self.steps = 0
        self._files = jobs.files
        self._keys: dict[str, str] = {}
        self.model = FormModel(jobs.models, jobs.jobs, self._files)

    def begin(self) -> None:
        """A form that nobody has touched, in both, as when the page was opened."""
        self.page.leave()
        self._begin_in(self.page.workspace)
        self.page.reload()
        self.model = FormModel(self.jobs.models, self.jobs.jobs, self._files)

    def job(self, model_id: str, number: int = 0) -> str:
        """A job of the model."""
        return [id_ for id_, job in self.jobs.jobs.items() if job.model_id == model_id][number]

    # --- actions

    def edit(self, name: str, value: Any) -> None:
        parameter = self.model.config.parameters[name]
        if parameter.kind == "choices":  # the box keeps the order in which its choices are made
            kept = [one for one in self.model.shown[name] if one in value]
            value = kept + [one for one in value if one not in kept]
        typed = self._paths(value) if name in self.model.config.media() else value
        self.page.fill(self.model.selected, {name: typed})
        self.model.edit(name, value)

    def _paths(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self.jobs.paths[key] for key in value]
        return None if value is None else self.jobs.paths[value]

    def pick(self, model_id: str) -> None:
        self.page.choose(model_id)
        self.model.pick(model_id)

    def open_tab(self, type_: str) -> None:
        self.page.open_tab(type_)
        self.model.open_tab(type_)

    def reuse(self, job_id: str, way: Way) -> None:
        if not self.model.offers(job_id, way):
            assert way.label not in self.page.other_models(self.page.card(job_id))
            return
        self.page.ask(self.page.card(job_id), way.label, in_another=way.model_id is not None)
        self.model.reuse(job_id, way)

    def choose(self, job_id: str, names: set[str]) -> None:
        rows = self.model.rows(job_id)
        self.page.ask(self.page.card(job_id), "Choose…")
        dialog = self.page.choosing
        assert dialog.rows() == [(row.name, row.differs) for row in rows]
        dialog.tick(names)
        parents = {parent for row in rows if row.name in names for parent in row.parents}
        ticked = names | {row.name for row in rows if row.name in parents and row.differs}
        assert dialog.ticked() == ticked
        if not ticked:
            dialog.close()
            return
        dialog.apply()
        self.model.reuse_chosen(job_id, ticked)

    def prefer_other_seed(self, job_id: str) -> None:
        mode, label = ("new", "A new seed") if self.model.seed_mode == "exact" else ("exact", "The exact seed")
        self.page.prefer(self.page.card(job_id), label)
        self.page.wait_until(lambda: self.jobs.context.seed_mode(LOCAL_USER) == mode)
        self.model.seed_mode = "new" if mode == "new" else "exact"

    def reset(self) -> None:
        self.page.reset()
        self.model.reset()

    def undo(self) -> None:
        self.page.notice.locator("[data-do=undo]").click()
        self.model.undo()

    def reload(self) -> None:
        self.wait_until_kept()
        self.page.reload()
        self.model.reload()

    # --- looking

    def check(self) -> None:
        """What the page shows is what the model says, field by field."""
        self.steps += 1
        shown = self._shown()
        end = time.monotonic() + PATIENCE / 1000
        while time.monotonic() < end:
            if self._ticked(shown) == self._ticked(self.model.shown):
                return
            self.page.page.wait_for_timeout(50)
            shown = self._shown()
        names = shown.keys() | self.model.shown.keys()
        differing = {name: (shown.get(name), self.model.shown.get(name)) for name in names}
        raise AssertionError(
            f"{self.model.selected} shows otherwise than the model says, and the page {self.page.state()}: "
            f"{ {name: pair for name, pair in differing.items() if pair[0] != pair[1]} }"
        )

    def _ticked(self, shown: dict[str, Any]) -> dict[str, Any]:
        """Ticks have no order that a user sees."""
        kinds = {name: parameter.kind for name, parameter in self.model.config.parameters.items()}
        return {name: sorted(value) if kinds[name] == "choices" else value for name, value in shown.items()}

    def _shown(self) -> dict[str, Any]:
        shown, media = self.page.read_form(self.model.selected), self.model.config.media()
        return {name: self._keys_of(value) if name in media else value for name, value in shown.items()}

    def _keys_of(self, shown: Any) -> Any:
        return [self._key(url) for url in shown] if isinstance(shown, list) else shown and self._key(shown)

    def _key(self, url: str) -> str:
        """The key of the file that the page shows, by its bytes."""
        if url not in self._keys:
            digest = hashlib.sha256(self.page.bytes_of(url)).hexdigest()
            self._keys[url] = next(key for key in self._files if Path(key).stem == digest)
        return self._keys[url]

    def wait_until_kept(self) -> None:
        """Let the page go on until the studio remembers every form, hidden inputs included, and which one shows.

        It has nothing more to tell by then; what it said once more would come after what another tab says.
        """
        self.page.wait_until(
            lambda: self.page.page.evaluate(_HAS_NO_MORE_TO_TELL) and not self._not_kept(),
            lambda: str(self._not_kept()),
        )

    def _not_kept(self) -> dict[str, Any]:
        """What the studio remembers, and what it should, where these differ."""
        drafts = self.jobs.context.drafts.all(LOCAL_USER)
        first = next(iter(self.model.models))
        pairs = {"the model": (self.jobs.context.preferences.get(LOCAL_USER, "model") or first, self.model.selected)}
        for id_, values in self.model.forms.items():
            kept = {**self.model.models[id_].defaults(), **drafts.get(id_, {})}
            pairs |= {f"{id_} {name}": (kept.get(name), values.get(name)) for name in kept | values}
        return {what: pair for what, pair in pairs.items() if pair[0] != pair[1]}
