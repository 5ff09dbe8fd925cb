"""What the page's tick sends: nothing without news, and of jobs in other workspaces no more than that they go on."""

from typing import Any

from tests.components.page_site import Site, example, submit
from tests.kept_studio import KeptStudio
from tests.memory_studio import USER
from tests.shipped import SHIPPED

GALLERY, NEWS, DRAWN = 2, 4, 5


def test_news_from_another_workspace_comes_without_the_gallery(kept: KeptStudio, site: Site) -> None:
    context, config = site.context, SHIPPED["pattern"]
    here, elsewhere = (context.create_workspace(USER, name).id for name in ("here", "elsewhere"))
    job = submit(kept, context, config, example(kept, config))
    context.move_jobs(USER, [job.id], elsewhere)
    tick, drawn = site.functions("_refresh")[0], ""

    def look() -> dict[int, Any]:
        """What comes, by the place of its component."""
        nonlocal drawn
        told = dict(enumerate(site.call(tick, here, None, "", drawn, {"number": 1, "count": 24})))
        news = {place: value for place, value in told.items() if "__type__" not in (value or ())}
        drawn = news.get(DRAWN, drawn)
        return news

    first = look()
    assert GALLERY in first
    nothing = {"ended": [], "loaded": [], "may_unload": True}
    assert first[NEWS] == {"running": 0, "progress": None, "waiting": 1, **nothing}
    assert look() == {}
    context.jobs.start(job.id)
    context.jobs.fail(job.id, "no")
    news = look()
    assert news.keys() == {NEWS, DRAWN}
    assert [one["status"] for one in news[NEWS]["ended"]] == ["failed"]
    assert look() == {}
    context.move_jobs(USER, [job.id], here)
    assert GALLERY in look()
