"""What a culture takes up of carbon goes to cells, products and carbon dioxide; what the gas takes is out."""

import json

import pytest
from library_fmu import LIBRARY

import cosim

SPECIES = json.loads((LIBRARY / "Resources" / "species.json").read_text(encoding="utf-8"))
SCENARIO = """\
scenario: culture
components:
  reactor: {{source: modelica:BioProcess.Fmus.{block}}}
  feeder: {{source: modelica:BioProcess.Fmus.GlucoseFeeder}}
streams:
  - feeder.outlet => reactor.feed
  - reactor.harvest => waste
connections: [reactor.glucose -> feeder.measured]
phases:
  production: {{active: [reactor, feeder], duration: {days} d, step: 10 min}}
record: []
"""


@pytest.mark.parametrize(("block", "days"), [("FedBatchReactor", 14), ("CompartmentReactor", 3)])
def test_carbon_that_enters_leaves_or_is_held(block, days, tmp_path):
    path = tmp_path / "culture.yaml"
    path.write_text(SCENARIO.format(block=block, days=days), encoding="utf-8")
    result = cosim.run(path, out=tmp_path / "run")

    books = [
        (SPECIES[name]["carbon"], ledger.units["reactor"]) for name, ledger in result.ledger.items() if name in SPECIES
    ]
    entered = sum(carbon * (book.start + book.entered) for carbon, book in books)
    left = sum(carbon * (book.left + book.held) for carbon, book in books)
    vented = result.ledger["carbonate"].units["reactor"].left
    turnover = result.elements["carbon"].units["reactor"]

    assert left == pytest.approx(entered, rel=1e-3)
    assert turnover.closure < 0.01
    assert vented > 0.05 * turnover.made  # without what the gas takes the balance would not close
