"""Files beside a release: PDF and PNG up to 10 MB, known by their content, kept by their content."""

import hashlib
import os
import tempfile
from pathlib import Path

from core.errors import BadInputError
from core.log.names import name_fault, shown

FOLDER = "attachments"
LARGEST = 10 * 1024 * 1024
_MAGIC = {b"%PDF-": "application/pdf", b"\x89PNG\r\n\x1a\n": "image/png"}
_ENDINGS = {"application/pdf": ".pdf", "image/png": ".png"}


def media_type(content: bytes) -> str:
    r"""Return what a file is by its first bytes; its name is not asked.

    Raises
    ------
    BadInputError
        When it is neither a PDF nor a PNG, or empty, or too large.

    >>> media_type(b"%PDF-1.7\n")
    'application/pdf'
    """
    if len(content) > LARGEST:
        raise BadInputError(f"The file has {len(content):,} bytes; at most {LARGEST:,} (10 MB) are kept.")
    for magic, found in _MAGIC.items():
        if content.startswith(magic):
            return found
    raise BadInputError("Only PDF and PNG files are kept beside a release, and this is neither.")


def display_name(name: str, kind: str) -> str:
    r"""Return the name under which a file is shown and handed out: without folders; it never reaches the file system.

    It ends as its kind does: what begins like a PDF and goes on as a page is not opened as a page after the download.

    Raises
    ------
    BadInputError
        When nothing readable is left.

    >>> display_name("..\\x/report.pdf", "application/pdf"), display_name("page.html", "application/pdf")
    ('report.pdf', 'page.html.pdf')
    """
    last = name.replace("\\", "/").rpartition("/")[2].strip()
    fault = name_fault(last) if last.strip(".") else "is empty"
    if fault:
        raise BadInputError(f"The name of the file {shown(name)} {fault}.")
    return last if last.lower().endswith(_ENDINGS[kind]) else last + _ENDINGS[kind]


def keep(home: Path, content: bytes) -> str:
    """Keep a file by its content below `home`; returns its sha256. The same content again changes nothing.

    Written beside its place and moved there, so that a crash leaves no half of a file under its hash.
    """
    digest = hashlib.sha256(content).hexdigest()
    place = _place(home, digest)
    if place.exists():
        return digest
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=place.parent, delete=False) as written:
        written.write(content)
        written.flush()
        os.fsync(written.fileno())
    Path(written.name).replace(place)
    return digest


def read(home: Path, digest: str) -> bytes:
    """Return a kept file.

    Raises
    ------
    BadInputError
        When it is gone, or no longer what was kept.
    """
    try:
        content = _place(home, digest).read_bytes()
    except OSError:
        raise BadInputError(f"The file {digest[:12]}… is not in the store's folder any more.") from None
    if hashlib.sha256(content).hexdigest() != digest:
        raise BadInputError(f"The file {digest[:12]}… was changed in the store's folder: it is not what was attached.")
    return content


def _place(home: Path, digest: str) -> Path:
    return home / FOLDER / digest[:2] / digest
