"""What the page's tick sends: nothing without news, of a job at work how far it is, of jobs in other workspaces no more
than that they go on.
"""

from typing import Any
from unittest.mock import ANY

import pytest

from studio.context import StudioContext
from tests.components.page_site import Site, example, submit
from tests.kept_studio import KeptStudio
from tests.memory_studio import USER
from tests.shipped import SHIPPED

GALLERY, NEWS, DIGESTS = 2, 4, 5


def test_news_from_another_workspace_comes_without_the_gallery(kept: KeptStudio, site: Site) -> None:
    context, config = site.context, SHIPPED["pattern"]
    here, elsewhere = (context.create_workspace(USER, name).id for name in ("here", "elsewhere"))
    job = submit(kept, context, config, example(kept, config))
    context.move_jobs(USER, [job.id], elsewhere)
    tick, digests = site.functions("_refresh")[0], None

    def look() -> dict[int, Any]:
        """What comes, by the place of its component."""
        nonlocal digests
        told = dict(enumerate(site.call(tick, here, None, "", digests, {"number": 1, "count": 24})))
        news = {place: value for place, value in told.items() if "__type__" not in (value or ())}
        digests = news[DIGESTS].root if DIGESTS in news else digests
        return news

    first = look()
    assert GALLERY in first
    about = {"changes": context.changes(USER), "shown": first[GALLERY]["shown"], "workspaces": ANY}
    assert first[NEWS] == {"running": 0, "waiting": 1, "ended": [], **about}
    assert look() == {}
    context.jobs.start(job.id)
    context.jobs.fail(job.id, "no")
    news = look()
    assert news.keys() == {NEWS, DIGESTS}
    assert [one["status"] for one in news[NEWS]["ended"]] == ["failed"]
    assert look() == {}
    context.move_jobs(USER, [job.id], here)
    assert GALLERY in look()


def test_a_tick_with_nothing_new_looks_at_nothing(
    kept: KeptStudio, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, config = site.context, SHIPPED["pattern"]
    workspace, tick, digests, looks = context.create_workspace(USER, "quiet").id, site.functions("_refresh")[0], None, 0
    look_up = StudioContext.page

    def count(*args: Any, **kwargs: Any) -> Any:
        nonlocal looks
        looks += 1
        return look_up(*args, **kwargs)

    monkeypatch.setattr(StudioContext, "page", count)

    def looked(near: int = 24) -> bool:
        nonlocal digests, looks
        looks = 0
        told = site.call(tick, workspace, None, "", digests, {"number": 1, "count": near})
        digests = digests if "__type__" in told[DIGESTS] else told[DIGESTS].root
        return looks > 0

    assert looked()
    assert not looked()
    assert looked(near=48), "another part of the gallery"
    assert not looked(near=48)
    job = submit(kept, context, config, example(kept, config))
    assert looked(near=48)
    assert not looked(near=48), "how long it waits is told apart"
    context.jobs.start(job.id)
    assert looked(near=48)
    context.jobs.report(job.id, 0.5, "half")
    assert not looked(near=48), "and how far it is"
    context.cancel(USER, job.id)
    assert looked(near=48)
    assert not looked(near=48)
    context.set_favourite(USER, job.id, True)
    assert looked(near=48)
    assert not looked(near=48)
    context.rename_workspace(USER, workspace, "quieter")
    assert looked(near=48)
    context.pause(USER, True)
    assert looked(near=48)
    context.pause(USER, False)
    assert looked(near=48)
    assert not looked(near=48)


def test_a_page_of_a_deleted_workspace_is_told_the_one_that_is_open_elsewhere_from_its_first_job_on(
    kept: KeptStudio, site: Site
) -> None:
    context, config = site.context, SHIPPED["pattern"]
    gone, now = (context.create_workspace(USER, name) for name in ("about to go", "open elsewhere"))
    job = submit(kept, context, config, example(kept, config))
    context.move_jobs(USER, [job.id], now.id)
    context.remember_workspace(USER, now.id)
    context.delete_workspace(USER, gone.id)
    choice, current, gallery, stage, *_ = site.call(
        site.functions("_refresh")[0], gone.id, None, "", "", {"number": 3, "count": 24}
    )
    assert choice["value"] == now.id
    assert gone.id not in dict(map(reversed, choice["choices"]))
    assert (current, stage["workspace"]) == ("", now.id)
    assert gallery["workspace"]["id"] == now.id
    assert (gallery["near"], gallery["deleted_workspace"]) == (None, gone.id)
    assert [card["id"] for card in gallery["cards"]] == [job.id]
