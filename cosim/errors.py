"""Every error that cosim raises on purpose, typed by the stage that failed.

::

    CosimError                 carries .component and .variable where they apply
    ├─ ScenarioError           what you wrote: file, line, key                                        exit 2
    ├─ StructureError          what you wired: unknown name, causality, unit dimension, wiring        exit 2
    ├─ FmuError                what you supplied: platform, FMI version, broken archive               exit 2
    │  └─ CapabilityError      the algorithm needs what the FMU does not declare                      exit 2
    ├─ ModelError              what you authored: Modelica the compiler refuses                       exit 2
    ├─ BuildError              the tool chain failed: command, log path                               exit 3
    ├─ StepError               what happened at run time: time, step size, FMI function, status       exit 3
    │  ├─ ConvergenceError     loop members, iterations, residual, tolerance                          exit 3
    │  └─ LedgerError          a balance that does not close: unit, species, amount                   exit 3
    ├─ ResultError             a result that cannot be written or read                                exit 3
    │  ├─ RequestError         no such run, or variable in it, or folder to write into                exit 2
    │  └─ CheckpointError      a state that cannot be written, or gone on from                        exit 3
    ├─ LinkError               OPC UA endpoint and state                                              exit 3
    ├─ StudyError              runs that cannot be made: processes, cluster, all of them failing      exit 3
    ├─ EstimationError         states that cannot be estimated: measurements, noise, a lost estimate   exit 3
    ├─ AuditError              an audit trail that cannot be written, or is not what was written      exit 3
    │  └─ TrailRequestError    no such audit trail, or one already where one should begin             exit 2
    ├─ SignatureError          a key that is not there, not opened, or not allowed to sign            exit 2
    ├─ ReleaseError            a release that is not there, not as it was signed, or may not change so     exit 2
    └─ ProblemList             several of the above, found in one pass over one file or structure

A message says what was being done to which qualified name, which two things disagree, and what to do.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class SourceLocation:
    """Where in a file the user wrote what is being complained about; lines and columns start at 1."""

    file: Path
    line: int
    column: int | None = None

    def __str__(self) -> str:
        """Write ``file:line`` the way editors make clickable."""
        return f"{self.file}:{self.line}"


class CosimError(Exception):
    """Something cosim was asked to do cannot be done; the message is a sentence for the user."""

    exit_code = 3

    def __init__(
        self,
        message: str,
        *,
        component: str | None = None,
        variable: str | None = None,
        location: SourceLocation | None = None,
    ) -> None:
        """Keep ``message`` (a full sentence) and the names it is about."""
        super().__init__(message)
        self.message = message
        self.component = component
        self.variable = variable
        self.location = location

    def __str__(self) -> str:
        """Prefix the message with the place in the user's file, when it is known."""
        return f"{self.location}: {self.message}" if self.location else self.message


class ScenarioError(CosimError):
    """What was written in a scenario cannot be understood; carries file and line."""

    exit_code = 2


class StructureError(CosimError):
    """What was wired together does not fit: names, causality, units, drivers, phases."""

    exit_code = 2


class FmuError(CosimError):
    """An FMU file cannot be used: archive, platform, FMI version, description."""

    exit_code = 2


class CapabilityError(FmuError):
    """An algorithm or a phase needs what an FMU does not declare."""


class ModelError(CosimError):
    """A Modelica model has an error or uses what the compiler does not support; carries file and line."""

    exit_code = 2


class BuildError(CosimError):
    """The tool chain that turns a correct model into an FMU failed."""


class StepError(CosimError):
    """An instance failed while running; the instance is dead afterwards.

    ``details`` says more for the result: time and size of the step [s], FMI function, last inputs by name.
    """

    def __init__(
        self,
        message: str,
        *,
        component: str | None = None,
        variable: str | None = None,
        location: SourceLocation | None = None,
        details: Mapping[str, object] | None = None,
    ) -> None:
        """Keep ``message`` and what is known of the failed step."""
        super().__init__(message, component=component, variable=variable, location=location)
        self.details: dict[str, object] = dict(details or {})


class StepDiscarded(StepError):
    """An instance refused a step as too long; back at a snapshot it lives on, and a shorter one may succeed.

    ``reached`` is how far it came [ticks], None where it does not tell.
    """

    reached: int | None = None


class ConvergenceError(StepError):
    """An iteration did not reach its tolerance."""


class LedgerError(StepError):
    """A conservation balance does not close within its tolerance."""


class ResultError(CosimError):
    """A result cannot be written or read."""


class RequestError(ResultError):
    """What was asked of a result is not in it, or it is to be written where nothing can be."""

    exit_code = 2


class CheckpointError(ResultError):
    """The state of a run cannot be written, or the run cannot go on from it."""


class LinkError(CosimError):
    """A connection to a plant or another host failed."""


class StudyError(CosimError):
    """A study cannot go on: nothing makes its runs, or all of them fail."""


class EstimationError(CosimError):
    """States cannot be estimated from what was measured."""


class AuditError(CosimError):
    """The audit trail cannot be written, or is not what was written."""


class TrailRequestError(AuditError):
    """A trail is asked for where there is none, or is to begin where there is one."""

    exit_code = 2


class SignatureError(CosimError):
    """Something cannot be signed: no such key, another passphrase, a person who may not."""

    exit_code = 2


class ReleaseError(CosimError):
    """A release is not there, is not what was signed, or may not be changed in this way."""

    exit_code = 2


class ProblemList(CosimError):
    """Several problems found in one pass; its exit code is the largest of theirs."""

    def __init__(self, problems: Sequence[CosimError]) -> None:
        """Keep ``problems`` in the order found; at least one."""
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)
        self.exit_code = max(problem.exit_code for problem in self.problems)


def raise_all(problems: Sequence[CosimError]) -> None:
    """Raise the one problem, or all of them together; return if there is none."""
    if len(problems) == 1:
        raise problems[0]
    if problems:
        raise ProblemList(problems)
