"""Results: an HDF5 store with provenance, tables, plots and the report."""

from cosim.results.header import FmuRecord, RunHeader, run_document
from cosim.results.records import ExpectationRecord
from cosim.results.report import write_report
from cosim.results.result import Result, load
from cosim.results.summary import report_json
from cosim.results.trajectory import Trajectory
from cosim.results.writer import ResultWriter

__all__ = [
    "ExpectationRecord",
    "FmuRecord",
    "Result",
    "ResultWriter",
    "RunHeader",
    "Trajectory",
    "load",
    "report_json",
    "run_document",
    "write_report",
]
