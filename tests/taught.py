"""A small surrogate of the fed-batch reactor, trained for tests within seconds on runs of the real FMU."""

from pathlib import Path

import numpy as np

from cosim.substitution.teaching import Taught, train
from cosim.surrogate.architectures.static_map import MapFacts, StaticMap
from cosim.surrogate.card import card
from cosim.surrogate.domain import find_domain
from cosim.surrogate.interface import interface_document
from cosim.surrogate.package import FORMAT, FORMAT_VERSION, write_package
from cosim.surrogate.readouts import Readout
from cosim.system.component import ComponentDescription
from cosim.system.variable import Causality, Variable

FILE = """\
surrogate: small_reactor
description: Three days of a fed-batch reactor
source: modelica:BioProcess.Fmus.FedBatchReactor
architecture: {name: lumped_unit, carrier: cells_viable, outflow: harvest_flow, members: 2, width: 16, iterations: 150}
step: 1 h
duration: 3 d
runs: {train: 12, validate: 6, test: 6}
parameters:
  mu_max: {from: 0.034 1/h, to: 0.040 1/h}
  cells_start: {from: 0.4e6/mL, to: 0.6e6/mL}
inputs:
  feed.V_flow: {from: 0 L/h, to: 30 L/h, shape: boluses, first: 1 d, every: 12 h, lasting: 1 h}
  feed.c_glucose: 176 mmol/L
  feed.c_glutamine: 83.6 mmol/L
  feed.c_asparagine: 30 mmol/L
  feed.c_amino_acids: 150 mmol/L
  feed.c_carbonate: 49.3 mmol/L
  feed.c_sodium: 155 mmol/L
  feed.c_chloride: 107 mmol/L
  feed.c_phosphate: 3 mmol/L
focus: [titre]
budget: 60 s
seed: 1
"""

SCENARIO = """\
scenario: replaced
components:
  reactor: {source: modelica:BioProcess.Fmus.FedBatchReactor}
  feeder: {source: modelica:BioProcess.Fmus.GlucoseFeeder}
streams: [feeder.outlet => reactor.feed, reactor.harvest => product]
connections: [reactor.glucose -> feeder.measured]
parameters:
  feeder: {first: 1 d}
phases:
  batch: {active: [reactor, feeder], duration: 3 d, step: 1 h}
surrogates:
  reactor: {package: surrogates/small_reactor, although_slower: true}
"""


def teach(folder: Path) -> Taught:
    """Train in ``folder``; runs that were sampled before are taken from the cache."""
    path = folder / "small_reactor.yaml"
    path.write_text(FILE, encoding="utf-8")
    return train(path, out=folder / "surrogates" / "small_reactor", workers=0)


def scenario(folder: Path, *changes: tuple[str, str]) -> Path:
    """Write the scenario with ``changes``, beside the package."""
    text = SCENARIO
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    path = folder / "replaced.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def packaged(folder: Path) -> Path:
    """Write a package by hand, without an FMU or torch: a map of one input to one output."""
    facts = MapFacts(60.0, 1, 2, 1, ("u",), (0,), (), ("y",), (Readout("y", "learned"),), (False,), ())
    model = StaticMap(facts)
    random = np.random.default_rng(0)
    tensors = {name: np.ones(shape) for name, shape in model.shapes.items()} | model.first_weights(random)
    inputs = random.random((4, 5, 1))
    domain = find_domain(model.coordinate_names, inputs[:, 0], inputs[:, 0], np.ones((4, 5)))
    variables = {"u": Variable("u", Causality.INPUT, start=0.0), "y": Variable("y", Causality.OUTPUT)}
    document = {
        "name": "tiny", "description": "", "created": "", "cosim": "", "step": 60.0,
        "source": {"text": "x.fmu", "sha256": "0" * 64, "file": "x.fmu"},
        "architecture": {"name": "static_map", "facts": model.facts},
        "interface": interface_document(ComponentDescription("tiny", variables)),
        "units": {}, "parameters": {}, "inputs": ["u"], "input_ranges": {"u": [0.0, 1.0]}, "fixed": {},
        "outputs": ["y"], "domain": domain.document(), "handover": None, "audit": None,
        "calibration": {"level": 0.9, "n": 4, "half_widths": {}}, "cost": {"fmu": 1.0, "surrogate": 1e-3},
        "training": {
            "runs": {"train": 4, "validate": 4, "test": 4}, "data_sha256": "", "seed": 0, "seconds": 0.0,
            "iterations": 0,
        },
        "metrics": {},
    }  # fmt: skip
    kept = tensors | {"domain_mean": domain.mean, "domain_whitening": domain.whitening}
    write_package(folder, {"format": FORMAT, "version": FORMAT_VERSION, **document}, kept, card(document))
    return folder
