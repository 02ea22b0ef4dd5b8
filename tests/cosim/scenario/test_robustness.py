"""Whatever is in a scenario file, it is read or refused in sentences; nothing else happens."""

from pathlib import Path

import pytest
from flowsheet import mab_descriptions
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cosim.errors import CosimError
from cosim.scenario.bind import bind
from cosim.scenario.parse import read_scenario

TEXT = (Path(__file__).parents[3] / "scenarios" / "mab_fed_batch.yaml").read_text(encoding="utf-8")
PIECES = ["{", "}", "[", "]", ":", "- ", "\n", "  ", "1e999", "-", "'", '"', "null", "&a", "*a", "0", "CV", ".", ","]


def assert_bound_or_refused(path, text):
    path.write_text(text, encoding="utf-8")
    try:
        scenario, problems = read_scenario(path)
        descriptions = {name: item for name, item in mab_descriptions().items() if name in scenario.components}
        _, more = bind(scenario, descriptions, probe=lambda component, starts, names: [0.07])
    except CosimError as error:
        problems, more = [error], []
    for problem in [*problems, *more]:
        assert problem.exit_code == 2
        assert problem.message
        assert problem.message[-1] in ".?)'", problem.message


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("fuzz") / "study.yaml"


relaxed = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@relaxed
@given(data=st.data())
def test_a_damaged_scenario(path, data):
    text = TEXT
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = min(len(text), start + data.draw(st.integers(0, 12)))
        text = text[:start] + data.draw(st.sampled_from(PIECES)) + text[end:]
    assert_bound_or_refused(path, text)


@relaxed
@given(data=st.data())
def test_a_scenario_with_lines_lost_or_swapped(path, data):
    lines = TEXT.splitlines(keepends=True)
    for _ in range(data.draw(st.integers(1, 3))):
        i, j = (data.draw(st.integers(0, len(lines) - 1)) for _ in range(2))
        lines[i], lines[j] = lines[j], lines[i]
        del lines[data.draw(st.integers(0, len(lines) - 1))]
    assert_bound_or_refused(path, "".join(lines))


SCALARS = st.one_of(st.text(max_size=12), st.integers(), st.floats(), st.booleans(), st.none())
KEYS = st.one_of(
    st.sampled_from(["active", "duration", "step", "until", "set", "source", "stream", "file", "from", "x"]),
    st.text(max_size=5),
)
TREES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=8,
)


@relaxed
@given(data=st.data())
def test_any_tree_under_any_key(path, data):
    import json

    key = data.draw(st.sampled_from([line.partition(":")[0] for line in TEXT.splitlines() if line[:1].isalpha()]))
    kept = "\n".join(_without(key))
    tree = data.draw(TREES)
    assert_bound_or_refused(path, f"{kept}\n{key}: {json.dumps(tree)}\n")


def _without(key):
    skipping = False
    for line in TEXT.splitlines():
        if line[:1].isalpha():
            skipping = line.startswith(key + ":")
        if not skipping:
            yield line
