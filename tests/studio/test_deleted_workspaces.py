"""What is kept for Undo has an end, and is each user's own."""

import pytest

from storage.workspaces import DeletedWorkspace, Workspace
from studio import deleted_workspaces
from studio.deleted_workspaces import DeletedWorkspaces


def test_the_oldest_go_first_when_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deleted_workspaces, "MOST", 2)
    kept = DeletedWorkspaces()
    one, two, three = (DeletedWorkspace(Workspace(id_, id_, None), ()) for id_ in ("one", "two", "three"))
    for user, deleted in (("ann", one), ("bob", two), ("ann", three)):
        kept.add(user, deleted)
    assert [kept.get("ann", "one"), kept.get("bob", "two"), kept.get("ann", "three")] == [None, two, three]
    assert kept.get("bob", "three") is None
