from fakes import Flowsheet, phase, tank

from cosim.algorithm.jacobi import Jacobi


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
