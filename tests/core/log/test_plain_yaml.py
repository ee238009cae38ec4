import os

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import BadInputError
from core.log.plain_yaml import MAX_BYTES, quoted, read_text, read_yaml, write_yaml


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a: 1\na: 2\n", "line 2, column 1: the key 'a' is there twice"),
        ("a: &x [1]\nb: *x\n", r"aliases \(\*name\) are not read"),
        ("a: [1", "in line 1"),
        ("a: 1\n---\nb: 2\n", "another document"),
        ("a: !!python/object/apply:os.system ['true']\n", r"tags \('!!python/object/apply:os.system'\) are not read"),
        ("a: !!timestamp foo\n", "line 1, column 4: tags"),
        ("a: !!bool foo\n", r"tags \('!!bool'\) are not read"),
        ("a: !!int ''\n", r"tags \('!!int'\) are not read"),
        ("a: !mine [1]\n", r"tags \('!mine'\) are not read"),
        ("? [a, b]\n: c\n", "line 1, column 3: a key must be one plain word"),
        ("? {a: b}\n: c\n", "a key must be one plain word"),
        ("<<: {? [a] : 1}\n", "found unhashable key"),
        ("a: " + ":".join(["1"] * 400) + ".0\n", "a value that YAML forbids"),
        ("a: 2013-13-45\n", "holds a character or a value that YAML forbids"),
        ("a: \x00\n", "holds a character or a value that YAML forbids"),
        ("[" * 5_000, "is not readable YAML"),
        ("x" * (MAX_BYTES + 1), "has 1,000,001 characters, more than 1,000,000"),
    ],
)
def test_yaml_that_is_broken_or_dangerous_is_refused(text, why):
    with pytest.raises(BadInputError, match=why):
        read_yaml(text, "model.yaml")


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=50)
@given(PLAIN)
def test_plain_values_come_back_from_yaml(value):
    text = yaml.safe_dump(value)
    assert "&id0" in text or read_yaml(text, "model.yaml") == value


def test_a_text_file_is_read_as_utf8_with_or_without_a_mark(tmp_path):
    (tmp_path / "m.yaml").write_bytes(b"\xef\xbb\xbfmodel: \xc3\xa9")
    assert read_text(tmp_path / "m.yaml") == "model: é"


def test_files_that_cannot_be_read_are_refused(tmp_path):
    with pytest.raises(BadInputError, match="cannot be read: No such file"):
        read_text(tmp_path / "none.yaml")
    with pytest.raises(BadInputError, match="cannot be read: Is a directory"):
        read_text(tmp_path)
    with pytest.raises(BadInputError, match="cannot be read: the path is not usable"):
        read_text(tmp_path / "a\x00b")
    (tmp_path / "latin.yaml").write_bytes(b"model: \xe9")
    with pytest.raises(BadInputError, match="is not UTF-8 text"):
        read_text(tmp_path / "latin.yaml")
    (tmp_path / "large.yaml").write_bytes(b" " * (4 * MAX_BYTES + 1))
    with pytest.raises(BadInputError, match="is larger than 4,000,000 bytes"):
        read_text(tmp_path / "large.yaml")


def test_pipes_and_devices_are_refused_without_being_read(tmp_path):
    os.mkfifo(tmp_path / "pipe.yaml")
    with pytest.raises(BadInputError, match=r"'pipe\.yaml' is not a regular file"):
        read_text(tmp_path / "pipe.yaml")
    (tmp_path / "zero.yaml").symlink_to("/dev/zero")
    with pytest.raises(BadInputError, match=r"'zero\.yaml' is not a regular file"):
        read_text(tmp_path / "zero.yaml")
    (tmp_path / "loop.yaml").symlink_to(tmp_path / "loop.yaml")
    with pytest.raises(BadInputError, match="cannot be read: Too many levels of symbolic links"):
        read_text(tmp_path / "loop.yaml")


YAML_PIECES = st.lists(
    st.sampled_from(
        ["a", ": ", "- ", "? ", "\n", "  ", "!!", "int ", "[", "]", "{", "}", "&x ", "*x", "0x_", "1:2", "'"]
    )
    | st.text(max_size=3)
).map("".join)


@settings(max_examples=300)
@given(YAML_PIECES)
def test_any_text_is_read_or_refused_in_one_sentence(text):
    said = "model.yaml is not readable YAML"
    try:
        read_yaml(text, "model.yaml")
    except BadInputError as error:
        said = str(error)
    assert said.startswith("model.yaml is not readable YAML")
    assert "\n" not in said


@given(st.text())
def test_any_text_comes_back_from_what_is_written(text):
    assert read_yaml(write_yaml({"a": [text]}), "f") == {"a": [text]}
    assert read_yaml(f"a: [{quoted(text)}]", "f") == {"a": [text]}


@pytest.mark.parametrize(
    "text", ["a\x85b", "a\u2028b", "a\u2029b", "a\r\nb", "\ufeffa", "null", "1_000", "0x1", "2013-01-01", "~", "="]
)
def test_text_that_yaml_would_take_for_something_else_comes_back(text):
    assert read_yaml(write_yaml({"a": [text]}), "f") == {"a": [text]}
    assert read_yaml(f"a: [{quoted(text)}]", "f") == {"a": [text]}
