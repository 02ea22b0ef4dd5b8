"""Every example of the scenario reference is read and bound."""

import re
from pathlib import Path

import pytest
from flowsheet import mab_descriptions

from cosim.scenario.bind import bind
from cosim.scenario.parse import TOP_LEVEL_KEYS, read_scenario

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "scenario.md"
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
BASE = {
    "scenario": "scenario: example\n",
    "components": "components:\n"
    + "".join(f"  {name}: {{source: modelica:Plant.{name}}}\n" for name in mab_descriptions()),
    "streams": "streams: [reactor.harvest => centrifuge.feed, divert.collect => pool.inlet]\n",
    "phases": "phases:\n  production: {active: [reactor], duration: 14 d, step: 1 h}\n",
}


def sections(text):
    """Split YAML text at its top-level keys."""
    parts = re.split(r"^(?=[a-z]+:)", text, flags=re.MULTILINE)
    return {part.partition(":")[0]: part for part in parts if part.strip()}


def completed(example):
    """Put an example into a whole scenario, in the order of keys."""
    found = sections(example)
    merged = found if "scenario" in found else {**BASE, **found}
    if "components" in found and "scenario" not in found:
        del merged["streams"]
        merged["phases"] = "phases:\n  run: {active: [reactor], duration: 14 d, step: 1 h}\n"
    return "".join(merged[key] for key in TOP_LEVEL_KEYS if key in merged)


def test_the_page_has_examples():
    assert len(EXAMPLES) >= 10


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda text: text.split(":")[0])
def test_an_example_is_read_and_bound(example, tmp_path):
    path = tmp_path / "example.yaml"
    path.write_text(completed(example), encoding="utf-8")
    (tmp_path / "demand.csv").write_text("time [h],flow\n0,0\n1,600\n", encoding="utf-8")
    (tmp_path / "lots").mkdir()
    (tmp_path / "lots" / "feed_lot_b.csv").write_text("name,value,unit\nreactor.mu_max,0.035,1/h\n", encoding="utf-8")
    (tmp_path / "zones_12m3.csv").write_text("name,value,unit\nmu_max,0.036,1/h\n", encoding="utf-8")
    scenario, problems = read_scenario(path)
    assert [str(problem) for problem in problems] == []
    descriptions = {name: item for name, item in mab_descriptions().items() if name in scenario.components}
    descriptions |= {name: mab_descriptions()["reactor"] for name in scenario.components if name not in descriptions}
    _, problems = bind(scenario, descriptions, probe=lambda component, starts, names: [0.07])
    assert [str(problem) for problem in problems] == []


def test_the_table_lists_all_keys_in_order():
    rows = re.findall(r"^\| `(\w+)` \| ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert tuple(rows[: len(TOP_LEVEL_KEYS)]) == TOP_LEVEL_KEYS
