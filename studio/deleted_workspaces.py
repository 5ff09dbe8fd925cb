"""The workspaces that users deleted last, for Undo."""

from collections import OrderedDict
from threading import Lock

from storage.workspaces import DeletedWorkspace

MOST = 1000
"""How many are kept, of all users together; the oldest goes first."""


class DeletedWorkspaces:
    """Kept in memory alone: after a restart none can be put back."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str], DeletedWorkspace] = OrderedDict()
        self._lock = Lock()

    def add(self, user_id: str, deleted: DeletedWorkspace) -> None:
        """Remember a deletion; the oldest of all users is forgotten beyond `MOST`."""
        with self._lock:
            self._kept[user_id, deleted.workspace.id] = deleted
            if len(self._kept) > MOST:
                self._kept.popitem(last=False)

    def get(self, user_id: str, workspace_id: str) -> DeletedWorkspace | None:
        """The workspace of this id, if this user has deleted it."""
        return self._kept.get((user_id, workspace_id))
