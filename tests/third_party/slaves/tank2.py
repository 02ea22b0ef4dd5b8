"""A tank for PythonFMU (FMI 2.0)."""

from pythonfmu import Boolean, Fmi2Causality, Fmi2Slave, Fmi2Variability, Integer, Real, String


class Tank2(Fmi2Slave):
    author = "third party"
    description = "A tank"

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.inflow, self.level, self.area = 0.0, 1.0, 2.0
        self.count, self.closed, self.label = 0, False, "tank"
        tunable = {"causality": Fmi2Causality.parameter, "variability": Fmi2Variability.tunable}
        self.register_variable(Real("inflow", causality=Fmi2Causality.input))
        self.register_variable(Real("level", causality=Fmi2Causality.output))
        self.register_variable(Real("area", **tunable))
        self.register_variable(Integer("count", causality=Fmi2Causality.output))
        self.register_variable(Boolean("closed", causality=Fmi2Causality.input))
        self.register_variable(String("label", **tunable))

    def do_step(self, current_time, step_size):
        if self.inflow < 0:
            raise ValueError("the inflow is negative")
        if not self.closed:
            self.level += self.inflow / self.area * step_size
        self.count += 1
        return self.level < 100
