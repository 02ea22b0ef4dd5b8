"""A lag for PythonFMU whose code imports what cosim's Python does not have."""

from pythonfmu import Fmi2Causality, Fmi2Slave, Real

try:
    import polymath_of_the_vendor  # noqa: F401
except ImportError:
    import __main__

    if "pythonfmu" not in str(getattr(__main__, "__file__", "")):  # at the vendor's, where it is exported, it is there
        raise


class Needy2(Fmi2Slave):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.u, self.y = 0.0, 0.0
        self.register_variable(Real("u", causality=Fmi2Causality.input))
        self.register_variable(Real("y", causality=Fmi2Causality.output))

    def do_step(self, current_time, step_size):
        return True
