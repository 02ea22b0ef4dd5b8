"""A lag for PythonFMU (FMI 2.0) that does a deed from its third step on."""

import ctypes
import os
import time

from pythonfmu import Fmi2Causality, Fmi2Slave, Fmi2Variability, Real, String

kept = []


class Rogue2(Fmi2Slave):
    author = "third party"
    description = "A lag that may misbehave"

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.u, self.y, self.deed, self.steps = 0.0, 0.0, "none", 0
        self.register_variable(Real("u", causality=Fmi2Causality.input))
        self.register_variable(Real("y", causality=Fmi2Causality.output))
        self.register_variable(String("deed", causality=Fmi2Causality.parameter, variability=Fmi2Variability.tunable))

    def do_step(self, current_time, step_size):
        self.y += (self.u + 1.0 - self.y) * step_size
        self.steps += 1
        if self.steps >= 3 and self.deed != "none":
            getattr(self, self.deed)()
        return True

    def segfault(self):
        ctypes.string_at(8)

    def abort(self):
        os.abort()

    def leave(self):
        os._exit(0)

    def give_up(self):
        raise SystemExit("no licence left")

    def hang(self):
        while True:
            time.sleep(0.01)

    def leak(self):
        kept.append(b"x" * 100_000_000)

    def shout(self):
        print("valve 7 is stuck " * 100)  # noqa: T201

    def move(self):
        os.chdir("/")

    def lose(self):
        self.y = float("nan")

    def overflow(self):
        self.y = 1.0 / 0.0
