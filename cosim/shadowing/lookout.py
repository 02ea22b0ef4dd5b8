"""What keeps a lookout in a shadow: estimates each cycle, judges the estimate, and tells both as an outlook."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from cosim.clock import format_ticks, to_ticks
from cosim.errors import CheckpointError, EstimationError, StepError
from cosim.live.estimation_section import EstimationSection
from cosim.live.tag import TagMap
from cosim.opened import OpenExecution
from cosim.shadowing.estimating import bind
from cosim.shadowing.estimator import Estimator
from cosim.shadowing.following import Compared
from cosim.shadowing.judging import Judge
from cosim.shadowing.keeping import Kept, read_kept, write_kept
from cosim.shadowing.outlook import Health, Outlook


class Lookout:
    """Hears each cycle after the twin of ``execution`` has taken it; ends with ``close``.

    ``folder`` is that of the shadow, in which it goes on from what it kept there when ``is_resumed``.
    """

    def __init__(
        self,
        section: EstimationSection,
        tags: TagMap,
        execution: OpenExecution,
        folder: Path,
        *,
        is_resumed: bool = False,
        warn: Callable[[str], None] = lambda _: None,
    ) -> None:
        setup = bind(section, tags, execution)
        time = to_ticks(execution.time)
        kept = _kept(folder, execution, warn) if is_resumed else None
        self._folder, self._failure = folder, ""
        self.estimator = Estimator(section, setup, execution, kept)
        self._judge = Judge(setup, section.members, time, time)
        if kept is not None:
            self._judge.recall(kept.notes["judge"])

    def look(self, compared: Compared) -> Outlook:
        """Return the outlook after a cycle; an estimator that has failed has a bad one, and the shadow goes on."""
        time = compared.cycle.end
        if not self._failure:
            try:
                return self._look(compared)
            except (EstimationError, StepError) as error:
                self._failure = f"The estimator ended at {format_ticks(time)}: {error.message}"
                self.estimator.close()
        return Outlook(time, Health.BAD, self._failure)

    def _look(self, compared: Compared) -> Outlook:
        time, estimator = compared.cycle.end, self.estimator
        taken = estimator.take(compared)
        consistency = estimator.consistency
        health, reason = self._judge.judge(compared, taken, consistency)
        return Outlook(
            time, health, reason, estimator.outputs(), estimator.parameters(),
            alerts=tuple(self._judge.alerts(time, health, reason)), ratio=consistency.ratio,
            inflation=consistency.inflation,
        )  # fmt: skip

    def settle(self) -> None:
        """Keep what is needed to go on from here."""
        if not self._failure:
            write_kept(self._folder, self.estimator.kept({"judge": self._judge.notes()}))

    def close(self) -> None:
        """End all models; legal any number of times."""
        self.estimator.close()


def _kept(folder: Path, execution: OpenExecution, warn: Callable[[str], None]) -> Kept | None:
    """Return what was kept in ``folder`` where ``execution`` goes on; None, with a warning, where it cannot be read."""
    time = to_ticks(execution.time)
    try:
        return read_kept(folder, time)
    except CheckpointError as error:
        warn(f"The estimate begins anew at {format_ticks(time)}, from the twin. {error.message}")
        return None
