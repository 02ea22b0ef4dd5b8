"""Training files of hybrids: read as written, every problem of a file at once."""

import pytest
from cultured import TRAINING

from cosim.errors import CosimError, raise_all
from cosim.surrogate.hybrid.parse import is_hybrid, parse_hybrid


def read(tmp_path, *changes):
    text = TRAINING
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    return parse_hybrid(text, tmp_path / "culture.yaml")


def test_a_good_file_is_read(tmp_path):
    file, problems = read(tmp_path)
    assert not problems
    assert (file.width, file.members, file.deviation, file.budget) == (3, 2, 0.02, 60.0)
    assert [(item.name, item.low.text) for item in file.gives] == [("mu_max", "0 1/h"), ("q_P", "0 1/h")]


def test_a_hybrid_is_told_from_a_surrogate(tmp_path):
    path = tmp_path / "x.yaml"
    for text, expected in ((TRAINING, True), ("surrogate: hybrid\n", False)):
        path.write_text(text, encoding="utf-8")
        assert is_hybrid(path) is expected


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ("measured: batches.csv\n", "", "There is no 'measured'. Write the table of experiments"),
        ("sees: [S, P]\n", "", "There is no 'sees'"),
        ("step: 6 h", "stpe: 6 h", "has no key 'stpe'. Do you mean 'step'?"),
        ("{from: 0 1/h, to: 0.06 1/h}", "0.06 1/h", "'mu_max' should be 'key: value' pairs"),
        ("{from: 0 1/h, to: 0.06 1/h}", "{to: 0.06 1/h}", "mu_max: what is given has limits"),
        ("deviation: 2 %", "deviation: nan", "'deviation' is 'nan'; it should be a share"),
        ("{width: 3, members: 2}", "{width: 3000}", "'width' of 'network' is 3000, and 64 is the most"),
        ("{width: 3, members: 2}", "3", "'network' should be 'key: value' pairs"),
    ],
)
def test_what_cannot_be_read_is_told(tmp_path, before, after, why):
    with pytest.raises(CosimError) as caught:
        raise_all(read(tmp_path, (before, after))[1])
    assert why in str(caught.value)


def test_a_network_without_anything_to_do_is_refused(tmp_path):
    begin, end = TRAINING.index("gives:"), TRAINING.index("network:")
    _, problems = read(tmp_path, (TRAINING[begin:end], ""))
    assert "neither 'gives' nor 'corrects'" in str(problems[0])
