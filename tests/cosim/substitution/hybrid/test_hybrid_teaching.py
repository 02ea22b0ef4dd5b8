"""Three kinds of hybrids fitted to a plant: each is far better than its mechanism on a batch it has not seen."""

import pytest
from cultured import TRAINING

from cosim.errors import CosimError
from cosim.substitution.hybrid.teaching import train_hybrid
from cosim.surrogate.hybrid.package import read_hybrid_package

GIVES = TRAINING[TRAINING.index("gives:") : TRAINING.index("network:")]


def taught(project, name, *changes):
    text = TRAINING
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    path = project / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    return train_hybrid(path, out=project / "surrogates" / name)


def is_far_better(metrics):
    return metrics["NRMSE"] < 0.1 * metrics["NRMSE, mechanism alone"]


def test_a_network_gives_parameters(culture_project):
    package = read_hybrid_package(culture_project / "surrogates" / "culture")
    assert is_far_better(package.document["metrics"])
    assert package.document["metrics"]["NRMSE"] < 0.03  # the noise is 1 %
    assert package.document["training"]["derivatives"] == "directional derivatives of the FMU"
    card = (package.folder / "card.html").read_text(encoding="utf-8")
    assert card.count('<path class="curve second"') == 3  # the mechanism's X, S, P of the batch that was held out
    assert card.count('<path class="curve"') == 3 + 4  # the hybrid's, and both rates over both things it sees
    assert "http:" not in card
    assert "<script" not in card


def test_a_network_fills_a_hole(culture_project):
    found = taught(
        culture_project, "open", ("hybrid: culture", "hybrid: open"), ("modelica:Culture", "modelica:OpenCulture"),
        ("mu_max", "mu"), ("members: 2", "members: 1"),
    )  # fmt: skip
    assert is_far_better(found.metrics)


def test_a_network_corrects_what_is_measured(culture_project):
    found = taught(
        culture_project, "corrected", ("sees: [S, P]", "sees: [X, S, P]"), (GIVES, "corrects: [X, S, P]\n"),
        ("members: 2", "members: 1"),
    )  # fmt: skip
    assert is_far_better(found.metrics)


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ("sees: [S, P]", "sees: [S, Q]", "'sees' names 'Q', no input or output of the FMU"),
        ("  mu_max: {", "  X_start: {", "'X_start', which is no input or tunable parameter"),
        ("to: 0.06 1/h", "to: -1 1/h", "Exchange the two"),
        ("from: 0 1/h, to: 0.06 1/h", "from: 0 L, to: 1 L", "dimension"),
        ("network:", "corrects: [volume]\nnetwork:", "'volume', which no experiment measures"),
        ("batches.csv", "../batches.csv", "should be beside the training file"),
        ("batches.csv", "batch.csv", "batch.csv"),
        ("deviation:", "parameters: {q_P: 0.01 1/h}\ndeviation:", "'q_P' is given by the network and set in the file"),
        ("deviation:", "parameters: {q_Q: 0.01 1/h}\ndeviation:", "'q_Q' is no parameter or input of the FMU"),
    ],
)
def test_what_does_not_fit_is_told(culture_project, before, after, why):
    with pytest.raises(CosimError) as caught:
        taught(culture_project, "wrong", (before, after))
    assert why in str(caught.value)


TABLE = "experiment,use,time [h],set c.X_start [g/L],c.feed [L/h],c.X [g/L]\n"


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ("a,fit,0,1,0,1\na,fit,5,1,0,2\n", "Write 'fit' and 'check' in the column 'use'"),
        ("a,fit,0,1,0,1\nb,check,0,1,0,2\n", "experiment 'a' has no sample of an output after its beginning"),
        ("a,fit,-1,1,0,1\na,fit,5,1,0,2\nb,check,5,1,0,2\n", "they begin at 0"),
    ],
)
def test_experiments_that_cannot_be_used_are_told(culture_project, rows, why):
    (culture_project / "odd.csv").write_text(TABLE + rows, encoding="utf-8")
    with pytest.raises(CosimError) as caught:
        taught(culture_project, "odd", ("batches.csv", "odd.csv"))
    assert why in str(caught.value)


@pytest.mark.parametrize(
    ("head", "why"),
    [
        ("c.X_start [g/L],c.feed [L/h],c.Y", "'c.Y' is no input or output of the FMU that is a number"),
        ("c.X_start [g/L],c.feed [L/h],d.X", "the columns name c, d, and one FMU is one component"),
    ],
)
def test_columns_that_mean_nothing_are_told(culture_project, head, why):
    text = TABLE.replace("c.X_start [g/L],c.feed [L/h],c.X", head)
    (culture_project / "odd.csv").write_text(text + "a,fit,5,1,0,1\nb,check,5,1,0,2\n", encoding="utf-8")
    with pytest.raises(CosimError) as caught:
        taught(culture_project, "odd", ("batches.csv", "odd.csv"))
    assert why in str(caught.value)
