"""The errors of the storage room; their messages are made to be read by the user.

StorageError
├── MediaRefusedError       a file is not kept: empty, damaged, too large, of a wrong kind
├── DatabaseFaultError      what keeps the records does not answer, or cannot write
├── MediaStoreError         what keeps the files, a disk or a bucket, does not answer, or cannot write
├── InvalidKeyError         a text is not the key of a stored media object
├── JobError                a job cannot be created as asked
├── DraftError              a draft cannot be kept as asked
├── PresetError             a preset cannot be kept as asked
│   ├── PresetNameError         the name is empty, too long or taken
│   └── PresetNotFoundError     there is none, or it is another user's: the two look the same
├── AccountError            an account cannot be made, changed or removed as asked
├── ArchiveError            an archive cannot be written, or is not taken: damaged, hostile, not an archive
├── UnreadableJobError      a stored job's row is damaged
├── InvalidCursorError      a page of jobs was asked for with a cursor that this store did not give
└── WorkspaceError
    ├── WorkspaceNameError      the name is empty, too long or taken
    ├── WorkspaceNotFoundError  there is none, or it is another user's: the two look the same
    ├── WorkspaceNotEmptyError  it still has jobs
    └── LastWorkspaceError      it is the only one
"""

import errno

FULL = "The disk is full: whoever runs this studio must free some space; then try again."
DENIED = "The studio may not write to its disk: whoever runs it must allow that; then try again."
UNREACHABLE = "The files cannot be reached or kept just now: try again in a moment."
TOO_MANY = "The studio has too many files open: whoever runs it must allow it more; then try again."
FAILING = "The disk does not answer as it should: whoever runs this studio must look after it; then try again."
_BY_NUMBER = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), FULL),
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), DENIED),
    **dict.fromkeys((errno.EMFILE, errno.ENFILE), TOO_MANY),
    errno.EIO: FAILING,
}


def fault_of(error: BaseException) -> str | None:
    """What to do about an error of the operating system, for those that a user is told; `None` for others."""
    return _BY_NUMBER.get(error.errno or 0) if isinstance(error, OSError) else None


class StorageError(Exception):
    """The base class of this room's errors."""


class MediaRefusedError(StorageError):
    """A file is not kept; the message says why, without its name: a caller knows at which field to show it."""


class DatabaseFaultError(StorageError):
    """The database does not answer or cannot write; nothing is half done, a retry is safe. The log has the cause."""


class MediaStoreError(StorageError):
    """Disk or bucket does not answer or cannot write; nothing is half done, a retry is safe."""


class AccountError(StorageError):
    """An account cannot be made, changed or removed as asked; it stays as it was."""


class InvalidKeyError(StorageError):
    """A text is not the key of a stored object; it has reached neither disk nor bucket."""


class JobError(StorageError):
    """A job cannot be made or changed as asked; nothing is half done."""


class DraftError(StorageError):
    """A draft cannot be kept as asked; the one that was there before stays."""


class PresetError(StorageError):
    """A preset cannot be kept as asked; the one that was there before stays."""


class PresetNameError(PresetError):
    """A preset's name is empty, too long or taken; the message says which."""


class PresetNotFoundError(PresetError):
    """The user has no such preset, or it was deleted meanwhile."""


class ArchiveError(StorageError):
    """An archive cannot be written, or is not taken; of an import, no record of it was taken."""


class UnreadableJobError(StorageError):
    """A stored job's row is damaged; `JobStore.basics` may still read its model and prompt."""


class InvalidCursorError(StorageError):
    """The cursor is not one that this store gave for a page of this sorting."""


class WorkspaceError(StorageError):
    """A workspace cannot be made, changed or deleted as asked; it stays as it was."""


class WorkspaceNameError(WorkspaceError):
    """A workspace's name is empty, too long or taken; the message says which."""


class WorkspaceNotFoundError(WorkspaceError):
    """The user has no such workspace, or it was deleted meanwhile."""


class WorkspaceNotEmptyError(WorkspaceError):
    """The workspace still has jobs, those in the bin not counted; the message says how many."""


class LastWorkspaceError(WorkspaceError):
    """The user has no other workspace: each has one at least."""
