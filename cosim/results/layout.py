"""Where things lie in ``result.h5``, stated once for writer and reader.

::

    /run                               uint8   JSON: provenance, structure, phases; the content of run.json
    /happenings                        uint8   JSON lines, one per happening, in order
    /outcome                           uint8   JSON: status, reason, phases, happenings, ledger, elements, costs,
                                               warnings, failure
    /expectations                      uint8   JSON: text, holds, value, unit
    /failure                           uint8   JSON: of a failed step: component, time, last inputs
    /components/<name>/ticks           int64   (n_samples,) time of each sample in nanoseconds
    /components/<name>/time            float64 (n_samples,) the same in seconds
    /components/<name>/values          float64 (n_variables, n_samples) one row per variable
    /components/<name>/variables       table   name, unit, display_unit, description, causality, variability, type

Every dataset exists before the first sample, so that the file can be in HDF5's single-writer-multiple-readers mode
from then on: it is readable while the run goes on, and after a kill up to the last flush.
"""

from typing import Final

FORMAT: Final = "cosim result"
FORMAT_VERSION: Final = 1

FILE_NAME: Final = "result.h5"
PARTIAL_SUFFIX: Final = ".partial"
"""Added to the name while the run goes on."""

RUN: Final = "run"
HAPPENINGS: Final = "happenings"
OUTCOME: Final = "outcome"
EXPECTATIONS: Final = "expectations"
FAILURE: Final = "failure"
DOCUMENTS: Final = (RUN, HAPPENINGS, OUTCOME, EXPECTATIONS, FAILURE)

COMPONENTS: Final = "components"
TICKS: Final = "ticks"
TIME: Final = "time"
VALUES: Final = "values"
VARIABLES: Final = "variables"

COLUMNS: Final = ("name", "unit", "display_unit", "description", "causality", "variability", "type")
"""Fields of the table of variables, all text."""
