"""Problems of a release file are found at once, with their places."""

import pytest

from cosim.errors import CosimError, ReleaseError
from cosim.release.manifest import read_release, split_title
from cosim.release.people import DEFAULT_POLICY

GOOD = """\
release: reactor
version: 1.0.0
intended_use: Offline studies
main: model.fmu
content: {model: [model.fmu], sources: src}
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "model.fmu").write_bytes(b"x")
    (tmp_path / "src" / "deep").mkdir(parents=True)
    (tmp_path / "src" / "deep" / "a.mo").write_text("a")
    (tmp_path / "src" / ".hidden").write_text("b")
    return tmp_path


def read(folder, text):
    (folder / "release.yaml").write_text(text)
    return read_release(folder / "release.yaml", DEFAULT_POLICY)


def test_what_a_release_says(folder):
    said, files = read(folder, f"{GOOD}gates: {{verified: {{regression: {{evidence: r.json}}}}}}\napprovals: 2\n")
    assert (said["kind"], said["approvals"], sorted(files)) == ("model", 2, ["model.fmu", "src/deep/a.mo"])
    assert said["gates"]["verified"]["regression"] == {
        "evidence": "r.json", "value": "good", "comparison": "equals", "limit": True, "about": "model.fmu",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ("release: reactor", "release: Reactor", "'Reactor@1.0.0' does not name a release"),
        ("version: 1.0.0", "version: newest", "does not name a release: write name@version"),
        ("intended_use: Offline studies\n", "", "There is no 'intended_use'."),
        ("main: model.fmu", "main: other.fmu", "'main' is 'other.fmu', which is none of the files under 'content'"),
        ("{model:", "{modell:", "'content' has no 'modell'; there are model, sources"),
        ("main:", "kind: cell\nmain:", "There is no kind 'cell' of releases"),
        ("main:", "limit: [x]\nmain:", "A release has no key 'limit'"),
        ("main:", "supersedes: x\nmain:", "'x' does not name a release"),
        ("main:", "gates: {later: {}}\nmain:", "'gates' has no key 'later'"),
        ("main:", "gates: {verified: {x: {evidence: a, value: b, at_most: c}}}\nmain:", "which is no number"),
        ("main:", "gates: {verified: {x: {evidence: a, at_most: 1}}}\nmain:", "takes 'evidence: FILE', 'value: PATH'"),
        ("main:", "gates: {verified: {x: {evidence: a, evil: 1}}}\nmain:", "The gate 'x' has no key 'evil'"),
        ("main:", "gates: {verified: {x: [1]}}\nmain:", "A gate is a mapping such as"),
        ("main:", "parameters: {mu: {value: 1}}\nmain:", "takes its 'value' and the 'source' that it comes from"),
        ("main:", "requirements: {R1: {tests: []}}\nmain:", "Requirement 'R1' has no 'text'"),
        ("main:", "requirements: {R1: {text: t, tests: [x]}}\nmain:", "is tested by 'x', which is no gate"),
        ("main:", "approvals: 0\nmain:", "it should be a whole number from 1 on"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_it(folder, old, new, text):
    with pytest.raises(CosimError) as caught:
        read(folder, GOOD.replace(old, new))
    assert text in str(caught.value)


@pytest.mark.parametrize(
    "title", ["a", "a@", "@1", "a@1@2", "A@1", "a@1/../../x", "../a@1", "a@1.0.0.0", "a" * 65 + "@1"]
)
def test_titles_that_are_none(title):
    with pytest.raises(ReleaseError, match="does not name a release"):
        split_title(title)


def test_titles():
    assert split_title("mab-reactor_2@12.0.3-rc1") == ("mab-reactor_2", "12.0.3-rc1")
