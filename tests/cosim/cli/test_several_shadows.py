"""Several shadows in one command."""

from pathlib import Path

import pytest

from cosim.cli.several_shadows import _worst, follow_several
from cosim.errors import ScenarioError
from cosim.live.endpoint import Endpoint


def test_two_shadows_of_one_name_are_refused(tmp_path):
    (tmp_path / "t.yaml").write_text("tag_map: t\ntags: {T: {measures: a.b, unit: K}}\n")
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text("shadow: same\nscenario: s.yaml\ntags: t.yaml\n")
    files = [tmp_path / "a.yaml", tmp_path / "b.yaml"]
    with pytest.raises(ScenarioError, match=r"'.*a\.yaml' and '.*b\.yaml' are both called 'same'"):
        follow_several(files, Endpoint("opc.tcp://nowhere"), until=None, out=Path("o"), page=None, is_quiet=True)


@pytest.mark.parametrize(
    ("codes", "expected"), [([0, 0], 0), ([0, 130], 130), ([130, 130], 130), ([0, 2], 3), ([130, -9], 3)]
)
def test_the_exit_code_is_the_worst(codes, expected):
    assert _worst(codes) == expected
