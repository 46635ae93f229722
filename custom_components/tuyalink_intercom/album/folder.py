"""The album on disk: for each capture its picture and, beside it, what is known of it.

A picture is put in place before its record and removed before it: wherever a power cut comes, a
record without picture is what was removed, a picture without record what was just coming.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
import errno
from pathlib import Path
import shutil
from threading import Lock

from . import files
from .contents import forget, listed
from .loading import Counts, Loading
from .names import (
    EXTENSIONS,
    RECORD,
    check_id,
    device_folder,
    file_name,
    is_device_folder,
    picture_name,
)
from .record import Capture, to_record


class CaptureFolder:
    """The captures of one project; told what to keep, it never decides.

    Every method blocks and may raise `OSError`. Methods may be called from several threads.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._changing = Lock()
        self.counts = Counts()
        """What the last `load` came across."""

    def load(self) -> list[Capture]:
        """Return what is there; half-written files go, lost records are made anew.

        `OSError` only if the folder itself cannot be listed; one that does not exist is empty.
        """
        with self._changing:
            try:
                with files.root_opened(self._root) as root:
                    loading = Loading(root)
                    captures = loading.captures()
            except FileNotFoundError:
                self.counts = Counts()
                return []
            self.counts = loading.counts
            return captures

    def add(self, capture: Capture, picture: bytes) -> None:
        """Keep a capture; one with the same id is replaced.

        `OSError` if it may not outlast a power cut: it is there whole, or not at all.
        `ValueError` if its id or content type is none that can be kept.
        """
        name = picture_name(capture.id, capture.content_type)
        record = file_name(capture.id, RECORD)
        with self._changing, self._made(capture.device_id) as folder:
            files.write({name: picture, record: to_record(capture)}, folder)
            for extension in EXTENSIONS.values():
                if (other := file_name(capture.id, extension)) != name:
                    files.unlink(other, folder)
            files.sync(folder)

    def read(self, capture: Capture) -> bytes:
        """Return the picture of a capture."""
        name = picture_name(capture.id, capture.content_type)
        with self._held(capture.device_id) as folder:
            return files.read(name, folder)

    def describe(self, capture: Capture) -> None:
        """Keep what is known of a capture now; `FileNotFoundError` if its picture is gone."""
        name = picture_name(capture.id, capture.content_type)
        record = file_name(capture.id, RECORD)
        with self._changing, self._held(capture.device_id) as folder:
            if not files.exists(name, folder):
                raise FileNotFoundError(errno.ENOENT, "no picture", name)
            files.write({record: to_record(capture)}, folder)
            files.sync(folder)

    def path(self, capture: Capture) -> Path:
        """Return where the picture of a capture lies, if it does; nothing is looked at."""
        name = picture_name(capture.id, capture.content_type)
        return self._root / device_folder(capture.device_id) / name

    def remove(self, captures: Iterable[Capture]) -> None:
        """Forget captures; what is gone already is no error.

        Every device is tried before the first `OSError` is raised. `ValueError` if one has an id
        that none can have; then none is removed.
        """
        gone: dict[str, list[str]] = {}
        for capture in captures:
            check_id(capture.id)
            gone.setdefault(device_folder(capture.device_id), []).append(capture.id)
        with self._changing:
            _raise_first(error for each in gone.items() for error in self._forget(*each))

    def clear(self) -> None:
        """Forget everything, the folder itself too; all is tried before `OSError` is raised."""
        with self._changing:
            if self._root.is_file():
                self._root.unlink()
                return
            errors = [error for device in self._devices() for error in self._forget(device)]
            # A root that is a link was made by the user: it stays, and what they put there.
            if not self._root.is_symlink():
                errors = _remove_tree(self._root)
            _raise_first(errors)

    @contextmanager
    def _held(self, device_id: str) -> Iterator[int]:
        """Hold open the folder of a device."""
        with (
            files.root_opened(self._root) as root,
            files.folder_opened(device_folder(device_id), root) as folder,
        ):
            yield folder

    @contextmanager
    def _made(self, device_id: str) -> Iterator[int]:
        """Hold open the folder of a device; if nothing comes into it, it goes again."""
        device = device_folder(device_id)
        files.make_root(self._root)
        with files.root_opened(self._root) as root:
            try:
                files.make_folder(device, root)
                with files.folder_opened(device, root) as folder:
                    yield folder
            except OSError:
                files.remove_if_empty(device, root)
                raise

    def _devices(self) -> list[str]:
        try:
            return [each.name for each in self._root.iterdir() if is_device_folder(each.name)]
        except FileNotFoundError:
            return []

    def _forget(self, device: str, capture_ids: Iterable[str] | None = None) -> list[OSError]:
        """Remove captures of one device, or all; return what stood against it."""
        try:
            with files.root_opened(self._root) as root:
                with files.folder_opened(device, root) as folder:
                    _forget_in(folder, capture_ids)
                files.remove_if_empty(device, root)
        except FileNotFoundError:
            return []
        except OSError as error:
            return [error]
        return []


def _forget_in(folder: int, capture_ids: Iterable[str] | None) -> None:
    if capture_ids is None:
        for capture_id, ends in listed(folder).items():
            forget(capture_id, folder, ends)
    else:
        for capture_id in capture_ids:
            forget(capture_id, folder)
    files.sync(folder)


def _remove_tree(root: Path) -> list[OSError]:
    """Remove a folder with everything in it; return what stood against it."""
    errors: list[OSError] = []

    def failed(_act: object, _path: str, error: BaseException) -> None:
        if isinstance(error, OSError) and not isinstance(error, FileNotFoundError):
            errors.append(error)

    shutil.rmtree(root, onexc=failed)
    return errors


def _raise_first(errors: Iterable[OSError]) -> None:
    for error in list(errors):
        raise error
