from fakes import Flowsheet, phase, tank

from cosim.algorithm.contract import AbstractAlgorithm
from cosim.algorithm.gauss_seidel import GaussSeidel
from cosim.algorithm.jacobi import Jacobi
from cosim.execution.execution import Execution
from cosim.system.experiment import Experiment


def loop() -> Flowsheet:
    flowsheet = Flowsheet(a=tank("a", flow=1e-3), b=tank("b", flow=1e-3))
    return flowsheet.stream("a.out", "b.in").stream("b.out", "a.in")


def test_short_steps_are_not_warned_of():
    assert loop().run(phase("run", "a b", 100.0, 1.0)).warnings == ()


def test_step_beyond_a_tenth_of_the_residence_time_is_warned_of():
    warnings = loop().run(phase("run", "a b", 2000.0, 200.0)).warnings
    residence = [text for text in warnings if "holds them for" in text]
    assert len(residence) == 2
    assert residence[0].startswith("'a' lies in a loop of streams and holds them for 800 s, not ten times the")
    assert residence[0].endswith("communication step of 200 s. A step of 80 s would do.")


def test_much_in_transit_is_warned_of():
    flowsheet = Flowsheet(a=tank("a", flow=1e-3), b=tank("b", flow=1e-3)).stream("a.out", "b.in").stream("b.out")
    warnings = flowsheet.run(phase("run", "a b", 100.0, 10.0), algorithm=Jacobi()).warnings
    assert warnings == (
        "a.out => b.in has 0.0051 of the inventory in transit, because it arrives one communication step late; up to "
        "0.001 is accurate. A step of 2 s would do.",
    )


def warned_before_the_first_step(flowsheet: Flowsheet, size: float, algorithm: AbstractAlgorithm) -> list[str]:
    experiment = Experiment((phase("run", "a b", 20.0 * size, size),))
    execution = Execution(flowsheet.structure, experiment, flowsheet.instances, algorithm)
    execution.start()
    found = execution.forecast()
    assert all(instance.steps == [] for instance in flowsheet.instances.values())
    return found


def test_a_loop_is_warned_of_before_the_run():
    warnings = warned_before_the_first_step(loop(), 200.0, GaussSeidel())
    assert [text.partition(" ")[0] for text in warnings] == ["b.out", "'a'", "'b'"]
    assert warnings[1].startswith("'a' lies in a loop of streams and holds them for 1e+03 s, not ten times")
    assert warned_before_the_first_step(loop(), 1.0, GaussSeidel()) == []


def test_what_every_stream_delays_is_warned_of_before_the_run():
    def chain() -> Flowsheet:
        flowsheet = Flowsheet(a=tank("a", flow=1e-3), b=tank("b", flow=1e-3))
        return flowsheet.stream("a.out", "b.in").stream("b.out")

    (warning,) = warned_before_the_first_step(chain(), 10.0, Jacobi())
    assert warning.startswith("a.out => b.in has 0.005 of the inventory in transit")
    assert warned_before_the_first_step(chain(), 10.0, GaussSeidel()) == []
