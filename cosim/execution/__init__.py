"""Running an experiment: phases, events, streams, conservation ledger, observers."""

from cosim.execution.execution import Execution
from cosim.execution.run_to_end import Checkpointing, carry_out, conclude, execute

__all__ = ["Checkpointing", "Execution", "carry_out", "conclude", "execute"]
