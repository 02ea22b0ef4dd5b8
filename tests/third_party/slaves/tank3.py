"""A tank for PythonFMU3 (FMI 3.0)."""

from pythonfmu3 import Boolean, Float64, Fmi3Causality, Fmi3Slave, Fmi3Variability, Int32, String


class Tank3(Fmi3Slave):
    author = "third party"
    description = "A tank"

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.inflow, self.level, self.area = 0.0, 1.0, 2.0
        self.count, self.closed, self.label = 0, False, "tank"
        tunable = {"causality": Fmi3Causality.parameter, "variability": Fmi3Variability.tunable}
        self.register_variable(Float64("inflow", causality=Fmi3Causality.input))
        self.register_variable(Float64("level", causality=Fmi3Causality.output))
        self.register_variable(Float64("area", **tunable))
        self.register_variable(Int32("count", causality=Fmi3Causality.output))
        self.register_variable(Boolean("closed", causality=Fmi3Causality.input))
        self.register_variable(String("label", **tunable))

    def do_step(self, current_time, step_size):
        if self.inflow < 0:
            raise ValueError("the inflow is negative")
        if not self.closed:
            self.level += self.inflow / self.area * step_size
        self.count += 1
        return self.level < 100
