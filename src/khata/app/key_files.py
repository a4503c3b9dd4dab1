"""Files with keys in the data folder: made on the first start, whole or not at all."""

import os
import secrets
from contextlib import suppress
from pathlib import Path


def make_once(file: Path, content: bytes) -> None:
    """Makes the file, for its owner's eyes only; of several who try at once the first one's stays.

    Raises `OSError`.
    """
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = file.with_name(f"{file.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(descriptor, "wb") as written:
            written.write(content)
            written.flush()
            os.fsync(descriptor)
        with suppress(FileExistsError):
            os.link(draft, file)
    finally:
        draft.unlink()
