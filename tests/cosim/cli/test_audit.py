"""`cosim audit` begins, shows, checks and exports a trail; runs are recorded in it."""

import csv
import io
import json

import pytest
from typer.testing import CliRunner

from cosim import audit
from cosim.audit.ed25519 import read_key_file
from cosim.cli.app import run_app
from cosim.errors import AuditError


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COSIM_AUDIT_KEY", str(tmp_path / "kept" / "trail.key"))
    return tmp_path


def cosim(capsys, *words):
    code = run_app(words)
    return code, capsys.readouterr()


def test_a_trail_from_its_beginning_to_its_export(project, capsys):
    code, told = cosim(capsys, "audit", "init", "--why", "a study")
    assert code == 0
    assert "audit: begun. Actions in" in told.out
    assert read_key_file(project / "kept" / "trail.key")["public"]
    audit.record("note", "=cmd()", why="one\nline", after={"x": "ü"})
    audit.record("build", "Library.Model", person="Ada Lovelace")
    code, told = cosim(capsys, "audit", "show", "--kind", "note", "--json")
    assert [record["subject"] for record in json.loads(told.out)] == ["=cmd()"]
    code, told = cosim(capsys, "audit", "show", "--who", "Ada", "--since", "2020-01-01", "--subject", "Model")
    assert "Library.Model  Ada Lovelace" in told.out
    assert len(told.out.splitlines()) == 1
    code, told = cosim(capsys, "audit", "show", "--until", "2020-01-01T12:00")
    assert told.out == ""
    assert cosim(capsys, "audit", "export", "--out", "trail.csv")[0] == 0
    text = (project / "trail.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["kind"] for row in rows] == ["trail", "note", "build"]
    assert (rows[1]["subject"], rows[1]["why"], rows[1]["after"]) == ("'=cmd()", "one\nline", '{"x": "ü"}')
    assert cosim(capsys, "audit", "export", "--out", "trail.json")[0] == 0
    assert len(json.loads((project / "trail.json").read_text())) == 3


def test_verify_says_yes_or_no(project, capsys):
    cosim(capsys, "audit", "init")
    code, told = cosim(capsys, "audit", "head")
    (project / "apart.json").write_text(told.out)
    code, told = cosim(capsys, "audit", "verify", "--head", "apart.json")
    assert (code, told.out.split(":")[0][:18]) == (0, "1 records, signed ")
    file = project / "audit" / "trail.jsonl"
    file.write_bytes(file.read_bytes().replace(b"trail", b"TRAIL", 1))
    code, told = cosim(capsys, "audit", "verify", "--json")
    document = json.loads(told.out)
    assert (code, document["good"], document["fault_at"]) == (1, False, 1)
    code, told = cosim(capsys, "audit", "show")
    assert (code, told.out) == (3, "")
    assert "'cosim audit verify' tells more" in told.err.replace("\n", " ")


@pytest.mark.parametrize("verb", ["show", "export"])
def test_a_trail_cut_between_records_is_not_shown(project, capsys, verb):
    cosim(capsys, "audit", "init")
    audit.record("note", "unwanted")
    file = project / "audit" / "trail.jsonl"
    file.write_bytes(file.read_bytes().splitlines(keepends=True)[0])
    code, told = cosim(capsys, "audit", verb)
    assert (code, told.out) == (3, "")
    assert "Record 2 is missing: the trail ends with record 1" in told.err.replace("\n", " ")
    file.write_bytes(b"")
    code, told = cosim(capsys, "audit", verb)
    assert (code, told.out) == (3, "")
    assert "Behind record 0" in told.err


def test_nothing_shown_says_why(project, capsys):
    cosim(capsys, "audit", "init")
    audit.record("note", "x")
    code, told = cosim(capsys, "audit", "show", "--kind", "rnu")
    assert (code, told.out, told.err) == (0, "", "No record of the kind 'rnu'; there are note, trail.\n")
    assert cosim(capsys, "audit", "show", "--kind", "note", "--subject", "y")[1].err == "No record fits.\n"


def test_a_trail_that_was_removed_is_not_forgotten(project, capsys):
    cosim(capsys, "audit", "init")
    head = (project / "audit" / "head.json").read_bytes()
    (project / "audit" / "trail.jsonl").unlink()
    with pytest.raises(AuditError, match=r"has been removed: its head .* is there without it\."):
        audit.record("note", "unseen")
    for words in (("verify",), ("verify", "--trail", "audit")):
        code, told = cosim(capsys, "audit", *words)
        assert (code, told.out[:36]) == (1, "Not as written: The audit trail in '")
    code, told = cosim(capsys, "audit", "init")
    assert (code, "There is a head of an audit trail in 'audit" in told.err) == (3, True)
    assert cosim(capsys, "audit", "init", "other", "--head", "audit/head.json")[0] == 3
    assert (project / "audit" / "head.json").read_bytes() == head
    assert not list((project / "other").glob("*"))


def test_a_trail_elsewhere_and_unsigned(project, capsys):
    code, told = cosim(capsys, "audit", "init", "log/here", "--unsigned", "--head", "far/head.json")
    assert (code, "cannot be written: No such file" in told.err) == (3, True)
    (project / "far").mkdir()
    code, told = cosim(capsys, "audit", "init", "log/there", "--unsigned", "--head", "far/head.json")
    assert f"Actions with COSIM_AUDIT={project / 'log' / 'there'} are recorded" in told.out
    assert not (project / "kept").exists()
    code, told = cosim(capsys, "audit", "verify", "--trail", "log/there")
    assert (code, told.out[:24]) == (0, "1 records, not signed: a")


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (("show",), 2, "There is no audit trail here. 'cosim audit init' begins one"),
        (("verify",), 2, "There is no audit trail here. 'cosim audit init' begins one"),
        (("show", "--since", "yesterday"), 2, "There is no audit trail here"),
        (("show", "--trail", ".", "--since", "yesterday"), 2, "'yesterday' is neither a date such as"),
        (("export", "--trail", ".", "--out", "x.pdf"), 2, "'x.pdf' ends in neither .csv nor .json"),
    ],
)
def test_what_cannot_be_done(project, capsys, words, code, text):
    found, told = cosim(capsys, "audit", *words)
    assert (found, text in told.err) == (code, True)


def test_a_trail_is_begun_once(project, capsys):
    cosim(capsys, "audit", "init")
    code, told = cosim(capsys, "audit", "init")
    assert (code, "There is an audit trail in 'audit' already. Choose another folder." in told.err) == (2, True)


def test_each_verb_has_help_with_an_example():
    from cosim.cli.audit import app

    for verb in ("init", "show", "export", "verify", "head"):
        told = CliRunner().invoke(app, [verb, "--help"])
        assert "Example: cosim audit" in told.output, verb
