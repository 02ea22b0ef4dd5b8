"""What keeps a lookout in a shadow: estimates each cycle, judges that, looks ahead, and tells it all as an outlook."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from cosim.clock import format_ticks, to_ticks
from cosim.errors import CheckpointError, EstimationError, StepError
from cosim.live.estimation_section import EstimationSection
from cosim.live.shadow_file import ShadowFile
from cosim.live.tag import TagMap
from cosim.loading import Factory
from cosim.opened import OpenExecution
from cosim.shadowing.deviating import DeviationWatch
from cosim.shadowing.drifting import DriftWatch
from cosim.shadowing.estimating import bind
from cosim.shadowing.estimator import Estimator
from cosim.shadowing.following import AbstractProspects, Compared
from cosim.shadowing.forecasting import Forecaster
from cosim.shadowing.golden import EnvelopeWatch, envelope
from cosim.shadowing.judging import Judge
from cosim.shadowing.keeping import Kept, read_kept, write_kept
from cosim.shadowing.outlook import Health, Outlook
from cosim.shadowing.watching import Watch


class Lookout:
    """Hears each cycle after the twin of ``execution`` has taken it; ends with ``close``.

    ``folder`` is that of the shadow, in which it goes on from what it kept there when ``is_resumed``.
    """

    def __init__(
        self,
        file: ShadowFile,
        tags: TagMap,
        execution: OpenExecution,
        folder: Path,
        *,
        components: Mapping[str, Factory] | None = None,
        is_resumed: bool = False,
        warn: Callable[[str], None] = lambda _: None,
    ) -> None:
        section = file.estimation or EstimationSection()
        setup = bind(section, tags, execution)
        time = to_ticks(execution.time)
        kept = _kept(folder, execution, warn) if is_resumed else None
        self._folder, self._failure, self._warn = folder, "", warn
        self.forecaster: Forecaster | None = None
        self.estimator = Estimator(section, setup, execution, kept)
        try:
            if file.forecast is not None:
                self.forecaster = Forecaster(
                    file.forecast, setup, tags, self.estimator, file.cycle, components=components or {}
                )
            self._judge = Judge(setup, self.estimator.n_members, time, time)
            self._watch = Watch(setup, self.estimator.prior, file.forecast.share if file.forecast else 1.0)
            self._deviation = DeviationWatch()
            self._drift = DriftWatch(folder, setup, self.estimator.prior, warn)
            golden = file.forecast.golden if file.forecast is not None else None
            times = self.forecaster.times if self.forecaster is not None else ()
            self._envelope = EnvelopeWatch(envelope(golden, setup.outputs, times) if golden is not None else ())
            if kept is not None:
                self._recall(kept)
        except BaseException:
            self.close()
            raise

    @property
    def prospects(self) -> AbstractProspects | None:
        """What lies ahead, for who looks for the best way there; None without a forecast."""
        return self.forecaster

    def look(self, compared: Compared, batch: str = "") -> Outlook:
        """Return the outlook after a cycle of ``batch``.

        An estimator that has failed has a bad one, and the shadow goes on.
        """
        time = compared.cycle.end
        if not self._failure:
            try:
                return self._look(compared, batch)
            except (EstimationError, StepError) as error:
                self._failure = f"The estimator ended at {format_ticks(time)}: {error.message}"
                self._warn(self._failure)
                self.close()
        return Outlook(time, Health.BAD, self._failure)

    def _look(self, compared: Compared, batch: str) -> Outlook:
        time, estimator, forecaster = compared.cycle.end, self.estimator, self.forecaster
        taken = estimator.take(compared)
        for tag, sampled in taken.too_late:
            self._warn(
                f"The sample '{tag}' taken at {format_ticks(sampled)} is not used for the estimate: at "
                f"{format_ticks(time)} nothing so old is remembered. Where a laboratory takes so long, state a longer "
                "'horizon' under 'estimation'."
            )
        consistency = estimator.consistency
        health, reason = self._judge.judge(compared, taken)
        estimates, parameters = estimator.outputs(), estimator.parameters()
        alerts = self._judge.alerts(time, health, reason)
        alerts += self._drift.alerts(compared.cycle, parameters, batch)
        alerts += self._envelope.alerts(time, estimates)
        if forecaster is not None:
            forecaster.go_on(compared.cycle)
            alerts += self._deviation.alerts(compared.cycle.start, time, forecaster.deviations)
            alerts += self._watch.alerts(time, forecaster, estimates, parameters)
        return Outlook(
            time, health, reason, estimates, parameters,
            forecast=forecaster.forecast(time) if forecaster is not None else (), envelope=self._envelope.courses,
            alerts=tuple(alerts), ratio=consistency.ratio, inflation=consistency.inflation,
        )  # fmt: skip

    def settle(self) -> None:
        """Keep what is needed to go on from here."""
        if self._failure:
            return
        ahead, arrays = self.forecaster.notes() if self.forecaster is not None else ({}, {})
        notes = {
            "judge": self._judge.notes(), "watch": self._watch.notes(), "ahead": ahead, "drift": self._drift.notes(),
            "outside": dict(self._envelope.since), "off": self._deviation.notes(),
        }  # fmt: skip
        write_kept(self._folder, self.estimator.kept(notes, arrays))

    def _recall(self, kept: Kept) -> None:
        self._judge.recall(kept.notes["judge"])
        self._watch.recall(kept.notes["watch"])
        self._drift.recall(kept.notes["drift"])
        self._envelope.since = dict(kept.notes["outside"])
        self._deviation.recall(kept.notes["off"])
        if self.forecaster is not None:
            self.forecaster.recall(kept.notes["ahead"], kept.arrays)

    def close(self) -> None:
        """End all models; legal any number of times."""
        if self.forecaster is not None:
            self.forecaster.close()
        self.estimator.close()


def _kept(folder: Path, execution: OpenExecution, warn: Callable[[str], None]) -> Kept | None:
    """Return what was kept in ``folder`` where ``execution`` goes on; None, with a warning, where it cannot be read."""
    time = to_ticks(execution.time)
    try:
        return read_kept(folder, time)
    except CheckpointError as error:
        warn(f"The estimate begins anew at {format_ticks(time)}, from the twin. {error.message}")
        return None
