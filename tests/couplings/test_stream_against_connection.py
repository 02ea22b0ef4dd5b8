"""feeder ⇒ tank, tank.level → feeder.flow: the stream decides the order, so that nothing is in transit."""

from fakes import Flowsheet, phase, tank

from cosim.execution.assembly import assemble
from cosim.system.experiment import Experiment


def make() -> Flowsheet:
    flowsheet = Flowsheet(vessel=tank("vessel"), feeder=tank("feeder", volume=5.0))
    flowsheet.stream("feeder.out", "vessel.in").stream("vessel.out")
    return flowsheet.connect("vessel.level", "feeder.flow", 1e-3)


def test_sender_first():
    flowsheet = make()
    assert list(assemble(flowsheet.structure, Experiment(()), flowsheet.instances).participants) == ["feeder", "vessel"]


def test_nothing_in_transit():
    outcome = make().run(phase("run", "feeder vessel", 100.0, 10.0))
    assert outcome.status == "completed"
    assert outcome.ledger["volume"].flowsheet.in_transit == 0.0
