"""Tables of a plant that a suite compares with: what is wrong in one is told in words that fit a suite."""

import pytest

from cosim.errors import CosimError
from cosim.regressing.measured import read_data
from cosim.regression.suite import Data


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            "0,n.d.\n",
            r"state 'missing: \[\"n\.d\.\"\]'\. A suite states nothing of that kind: write it so in",
        ),
        ("0,1\n0,2\n", r"State 'replicates: true' .* A suite states nothing of that kind"),
        ("0,<3\n", r"'beyond: leave_out, limit or half'\. A suite states nothing of that kind"),
        ("0,=A1\n", r"Enter its value\.$"),
    ],
)
def test_nothing_is_advised_that_a_suite_cannot_state(tmp_path, rows, message):
    (tmp_path / "plant.csv").write_text(f"time [s],tank.level [m]\n{rows}")
    with pytest.raises(CosimError, match=message):
        read_data(Data(tmp_path / "plant.csv", None))
