"""Files that appear whole or not at all, in folders that are held open.

A folder is a descriptor: what lies in it is reached by name alone, and no link leads out of it.
Folders and files are their owner's: they hold faces.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
import errno
from itertools import takewhile
import os
from pathlib import Path
from typing import Final

from .names import PART

_FOLDER_MODE: Final = 0o700
_FILE_MODE: Final = 0o600
_READ: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
_WRITE: Final = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
_CANNOT_SYNC: Final = {errno.EINVAL, errno.ENOTSUP}


@contextmanager
def root_opened(path: Path) -> Iterator[int]:
    """Hold open the folder everything lies in; the way there may lead over links."""
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield folder
    finally:
        os.close(folder)


@contextmanager
def folder_opened(name: str, root: int) -> Iterator[int]:
    """Hold open a folder in another; `OSError` if it is a link."""
    folder = os.open(name, _READ | os.O_DIRECTORY, dir_fd=root)
    try:
        yield folder
    finally:
        os.close(folder)


def make_root(path: Path) -> None:
    """Make a folder and those that lead to it, where they are not there."""
    missing = list(takewhile(lambda each: not each.exists(), (path, *path.parents)))
    for each in reversed(missing):
        with suppress(FileExistsError):
            each.mkdir(_FOLDER_MODE)
        with root_opened(each.parent) as parent:
            sync(parent)


def make_folder(name: str, root: int) -> None:
    """Make a folder in another, unless it is there."""
    with suppress(FileExistsError):
        os.mkdir(name, _FOLDER_MODE, dir_fd=root)
        sync(root)


def remove_if_empty(name: str, root: int) -> None:
    """Remove a folder in another if nothing is left in it."""
    with suppress(OSError):
        os.rmdir(name, dir_fd=root)


def read(name: str, folder: int, *, most: int = -1) -> bytes:
    """Return what is in a file, no more than `most` bytes of it."""
    with os.fdopen(os.open(name, _READ, dir_fd=folder), "rb") as file:
        return file.read(most)


def write(contents: Mapping[str, bytes], folder: int, *, durable: bool = True) -> None:
    """Put files in place in their order; before the first one appears all lie on the disk.

    What was in their place is replaced. `OSError` if that failed: then nothing is half written,
    and of files that were not there before none is without its successor.
    """
    try:
        for name, content in contents.items():
            _write_part(name, content, folder, durable=durable)
        for name in contents:
            os.replace(f"{name}{PART}", name, src_dir_fd=folder, dst_dir_fd=folder)
    except OSError:
        *firsts, last = contents
        for name in contents:
            with suppress(OSError):
                unlink(f"{name}{PART}", folder)
        if not exists(last, folder):
            for name in firsts:
                with suppress(OSError):
                    unlink(name, folder)
        raise


def _write_part(name: str, content: bytes, folder: int, *, durable: bool) -> None:
    file = os.open(f"{name}{PART}", _WRITE, _FILE_MODE, dir_fd=folder)
    try:
        left = memoryview(content)
        while left:
            left = left[os.write(file, left) :]
        if durable:
            os.fsync(file)
    finally:
        os.close(file)


def unlink(name: str, folder: int) -> None:
    """Remove a file; one that is gone already is no error."""
    with suppress(FileNotFoundError):
        os.unlink(name, dir_fd=folder)


def exists(name: str, folder: int) -> bool:
    """Tell whether something has that name."""
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except OSError:
        return False
    return True


def sync(folder: int) -> None:
    """Bring a folder's names to the disk: without that a power cut can undo them."""
    try:
        os.fsync(folder)
    except OSError as error:
        # Network shares keep their names themselves and refuse this.
        if error.errno not in _CANNOT_SYNC:
            raise
