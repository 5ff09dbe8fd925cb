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
    """Anything that storage refuses."""


class MediaRefusedError(StorageError):
    """The message says why, without the file's name: a caller knows at which field to show it."""


class DatabaseFaultError(StorageError):
    """It may go well the next time: nothing is half done. The cause is in the log."""


class MediaStoreError(StorageError):
    """It may go well the next time: nothing is half done."""


class AccountError(StorageError):
    pass


class InvalidKeyError(StorageError):
    pass


class JobError(StorageError):
    pass


class DraftError(StorageError):
    """The draft that was there before stays."""


class PresetError(StorageError):
    pass


class PresetNameError(PresetError):
    pass


class PresetNotFoundError(PresetError):
    pass


class ArchiveError(StorageError):
    """Of an import: no record of the archive was taken."""


class UnreadableJobError(StorageError):
    """`JobStore.basics` may still read such a job's model and prompt."""


class InvalidCursorError(StorageError):
    pass


class WorkspaceError(StorageError):
    pass


class WorkspaceNameError(WorkspaceError):
    pass


class WorkspaceNotFoundError(WorkspaceError):
    pass


class WorkspaceNotEmptyError(WorkspaceError):
    pass


class LastWorkspaceError(WorkspaceError):
    pass
