"""YAML as nodes with lines; whatever could surprise is refused."""

from pathlib import Path

import pytest

from cosim.errors import CosimError, ProblemList, ScenarioError
from cosim.scenario.document import Mapping, Scalar, Sequence, parse_document, read_text

PATH = Path("study.yaml")


def test_nodes_keep_text_and_place():
    root = parse_document("a: 1e-3\nb:\n  - no\n  - 'x'\n", PATH)
    assert [entry.key for entry in root.entries] == ["a", "b"]
    a, b = (entry.value for entry in root.entries)
    assert isinstance(a, Scalar)
    assert (a.text, a.is_quoted, a.origin.line, a.origin.column) == ("1e-3", False, 1, 4)
    assert isinstance(b, Sequence)
    assert [(item.text, item.is_quoted, item.origin.line) for item in b.items] == [("no", False, 3), ("x", True, 4)]


def test_a_key_without_value_is_null():
    value = parse_document("a:\n", PATH).entries[0].value
    assert value.is_null


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a:\n\t- b\n", r"study.yaml:2: A tab indents this line"),
        ("a: &x 1\n", r"study.yaml:1: An anchor \(&\) is not allowed"),
        ("a: 1\nb: *a\n", r"study.yaml:2: An alias \(\*\) is not allowed"),
        ("a: !!python/object/apply:os.system [ls]\n", r"A tag \(!\) is not allowed"),
        ("%YAML 1.1\n---\na: 1\n", r"A directive \(%\) is not allowed"),
        ("---\na: 1\n---\nb: 2\n", r"study.yaml:3: A second document"),
        ("a: [1, 2\nb: 3\n", r"study.yaml:2: This is not YAML: .* Is a bracket"),
        ("a: b: c\n", r"study.yaml:1: This is not YAML: mapping values are not allowed here. Is a space missing"),
        ("a: 'x\n", r"This is not YAML: found unexpected end of stream"),
        ("", r"This scenario is empty"),
        ("# only a comment\n", r"This scenario is empty"),
        ("- a\n", r"A scenario is a list of 'key: value' lines"),
        ("text\n", r"A scenario is a list of 'key: value' lines"),
        ("[a]: 1\n", r"A key should be a single word"),
        ("a: \x07\n", r"study.yaml:1: This line holds a control character"),
        ("[" * 5000, r"nested deeper than 20 levels"),
        ("{a: " * 40, r"nested deeper than 20 levels"),
        ("\n".join(" " * i + f"k{i}:" for i in range(50)), r"study.yaml:2\d: This is nested deeper than 20 levels"),
    ],
)
def test_what_is_refused(text, message):
    with pytest.raises(CosimError, match=message) as caught:
        parse_document(text, PATH)
    assert caught.value.exit_code == 2


def test_every_duplicate_key_is_named():
    with pytest.raises(ProblemList) as caught:
        parse_document("a: 1\na: 2\nb: {c: 1, c: 3}\n", PATH)
    assert [str(problem) for problem in caught.value.problems] == [
        "study.yaml:2: The key 'a' is here a second time; it stands already at study.yaml:1.",
        "study.yaml:3: The key 'c' is here a second time; it stands already at study.yaml:3.",
    ]


def test_a_merge_key_is_only_a_key():
    root = parse_document("<<: {a: 1}\n", PATH)
    assert root.entries[0].key == "<<"
    assert isinstance(root.entries[0].value, Mapping)


def test_a_missing_file_names_what_is_there(tmp_path):
    (tmp_path / "hello.yaml").write_text("scenario: hello\n")
    with pytest.raises(ScenarioError, match=r"There is no scenario .*helo.yaml'. There are hello.yaml in"):
        read_text(tmp_path / "helo.yaml")


def test_what_is_no_text_file_is_refused(tmp_path):
    with pytest.raises(ScenarioError, match="is not a file"):
        read_text(tmp_path)
    (tmp_path / "binary.yaml").write_bytes(b"a: \xff\xfe")
    with pytest.raises(ScenarioError, match=r"is not text in UTF-8 \(byte 3\)"):
        read_text(tmp_path / "binary.yaml")
    (tmp_path / "large.yaml").write_bytes(b"#" * 1_000_001)
    with pytest.raises(ScenarioError, match="larger than 1 MB"):
        read_text(tmp_path / "large.yaml")


def test_of_a_file_that_is_no_scenario_nothing_is_said(tmp_path):
    file = tmp_path / "shadow"
    file.write_text("root:$6$secret\n")
    with pytest.raises(ScenarioError, match=r"shadow' is no scenario: the name of one ends in \.yaml or \.yml\.$"):
        read_text(file)


def test_a_byte_order_mark_is_no_content(tmp_path):
    (tmp_path / "bom.yaml").write_bytes(b"\xef\xbb\xbfscenario: a\n")
    assert read_text(tmp_path / "bom.yaml") == "scenario: a\n"
