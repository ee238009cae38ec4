import pytest

from core.errors import BadInputError
from core.releases import attachments

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 20


@pytest.mark.parametrize(
    "content",
    [b"", b"<svg onload=alert(1)>", b"GIF89a", b"MZ\x90", b" %PDF-1.7", b"\x89PNG", b"<!DOCTYPE html>%PDF-"],
)
def test_only_what_begins_as_a_pdf_or_png_is_one_whatever_its_name(content):
    with pytest.raises(BadInputError, match="PDF and PNG"):
        attachments.media_type(content)


def test_what_is_larger_than_ten_megabytes_is_refused():
    assert attachments.media_type(b"%PDF-".ljust(attachments.LARGEST, b"x")) == "application/pdf"
    with pytest.raises(BadInputError, match="10 MB"):
        attachments.media_type(b"%PDF-".ljust(attachments.LARGEST + 1, b"x"))


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "..\\..\\x.pdf", "/abs/y.png", "a\x00.pdf", "", "..", "..\\", "\u202efdp.png"]
)
def test_a_name_never_leads_anywhere(name):
    try:
        shown = attachments.display_name(name, "application/pdf")
    except BadInputError:
        return
    assert "/" not in shown
    assert "\\" not in shown


def test_content_is_kept_once_under_its_hash_and_a_changed_file_is_not_handed_out(tmp_path):
    digest = attachments.keep(tmp_path, PNG)
    assert attachments.keep(tmp_path, PNG) == digest
    assert [path.name for path in (tmp_path / "attachments").rglob("*") if path.is_file()] == [digest]
    assert attachments.read(tmp_path, digest) == PNG
    (tmp_path / "attachments" / digest[:2] / digest).write_bytes(PNG + b"!")
    with pytest.raises(BadInputError, match="was changed"):
        attachments.read(tmp_path, digest)
    (tmp_path / "attachments" / digest[:2] / digest).unlink()
    with pytest.raises(BadInputError, match="not in the store"):
        attachments.read(tmp_path, digest)


@pytest.mark.parametrize("name", ["page.html", "run.exe", "plain", "x.pdf.svg"])
def test_a_file_is_handed_out_as_the_kind_it_is_and_never_opened_as_another(name):
    assert attachments.display_name(name, "application/pdf") == f"{name}.pdf"
    assert attachments.display_name("FIGURE.PNG", "image/png") == "FIGURE.PNG"
    with pytest.raises(BadInputError, match="is empty"):
        attachments.display_name("..", "image/png")
