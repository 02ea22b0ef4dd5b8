"""Controllers, probes, feeds, tanks and valves beside their closed forms."""

import math

import numpy as np
from verification.check import Fmus
from verification.course import Comparison, Curve, Setting, march, parameters

CLOSED = "closed form"


def _controller(fmus: Fmus, name: str, output: str, base: float, step: float) -> Comparison:
    """A deviation that stays until the output is at its limit, then its opposite: ramp, limit, way back.

    u = u0 + K e t/Ti up to the limit; there the integral goes to u_max − K e + K e Tt/Ti within Tt.
    """
    fmu = fmus[f"BioProcess.Fmus.{name}"]
    p = parameters(fmu, ["gain", "integral_time", "output_min", "output_max", "output_start", "tracking_time"])
    gain, lag, track = p["gain"] * step, p["integral_time"], p["tracking_time"]
    hit = (p["output_max"] - p["output_start"]) / (gain / lag)
    turn = math.ceil(hit + 20 * track)
    times = np.linspace(0.0, turn + 0.3 * hit, 201)
    rest = p["output_max"] - gain + gain * track / lag
    integral = rest + (p["output_max"] - gain - rest) * math.exp(-(turn - hit) / track)

    def output_at(t: float) -> float:
        if t <= turn:
            return min(p["output_start"] + gain * t / lag, p["output_max"])
        return max(integral - gain - gain * (t - turn) / lag, p["output_min"])

    plan: list[Setting] = [(float(turn), {"set_point": base - step})]
    reached = march(fmu, [output], times, plan, set_point=base + step, measured=base)
    expected = np.array([output_at(t) for t in times])
    sign = np.where(np.isclose(times, turn), np.nan, 1.0)  # at the turn itself the output jumps
    keep = ~np.isnan(sign)
    return Comparison(f"{name}, step response", CLOSED, (
        Curve(output.replace("_", " "), times[keep], expected[keep], reached[keep, 0], 1e-6),
    ))  # fmt: skip


def oxygen_controller(fmus: Fmus) -> Comparison:
    """A tenth of saturation too little, then too much."""
    return _controller(fmus, "OxygenController", "gas_oxygen", 0.4, 0.1)


def temperature_controller(fmus: Fmus) -> Comparison:
    """Half a kelvin too little, then too much."""
    return _controller(fmus, "TemperatureController", "jacket_temperature", 309.95, 0.5)


def ph_controller(fmus: Fmus) -> Comparison:
    """Too sour by 0.1: from carbon dioxide to base, split at an output of 0."""
    fmu = fmus["BioProcess.Fmus.PhController"]
    p = parameters(fmu, ["gain", "integral_time", "output_start", "base_flow_max", "carbon_dioxide_max"])
    times = np.arange(0.0, 6001.0, 60.0)
    reached = march(fmu, ["gas_carbon_dioxide", "base.V_flow"], times, set_point=7.1, measured=7.0)
    u = p["output_start"] + p["gain"] * 0.1 * times / p["integral_time"]
    return Comparison("PhController, step response", CLOSED, (
        Curve("carbon dioxide in the gas [1]", times, p["carbon_dioxide_max"] * np.clip(-u, 0.0, 1.0), reached[:, 0],
              1e-6),
        Curve("base [m³/s]", times, p["base_flow_max"] * np.clip(u, 0.0, 1.0), reached[:, 1], 1e-6),
    ))  # fmt: skip


def probe(fmus: Fmus) -> Comparison:
    """A step from 0 to 1 behind a lag of 30 s, an offset and a drift: 1 − exp(−t/lag) + offset + drift t."""
    times = np.arange(0.0, 301.0, 5.0)
    fmu = fmus["BioProcess.Fmus.Probe"]
    plan: list[Setting] = [(0.0, {"measured": 1.0})]
    reached = march(fmu, ["reading"], times, plan, lag=30.0, offset=0.05, drift=2e-4, measured=0.0)
    expected = 1.0 - np.exp(-times / 30.0) + 0.05 + 2e-4 * times
    return Comparison("probe, step response", CLOSED, (Curve("reading", times, expected, reached[:, 0], 1e-7),))


def hold_tank(fmus: Fmus) -> Comparison:
    """100 L that one stream enters and one leaves: 1 − exp(−t/τ), τ = V/F, for antibody and for heat."""
    flow, volume, tau = 1e-4, 0.1, 1000.0
    times = np.arange(0.0, 4001.0, 50.0)
    start = {"volume_start": volume, "T_start": 298.15, "demand": flow}
    inlet = {"inlet.V_flow": flow, "inlet.T": 278.15, "inlet.c_mab": 4.0}
    reached = march(fmus["BioProcess.Fmus.HoldTank"], ["titre", "outlet.T"], times, [(0.0, inlet)], **start)
    rise = 1.0 - np.exp(-times / tau)
    return Comparison("hold tank that is washed out", CLOSED, (
        Curve("antibody [g/L]", times, 4.0 * rise, reached[:, 0], 1e-7),
        Curve("temperature of the outlet, below 298.15 K [K]", times, 20.0 * rise, 298.15 - reached[:, 1], 1e-6),
    ))  # fmt: skip


def divert(fmus: Fmus) -> Comparison:
    """A stream of which what comes between 100 and 250 s is collected."""
    times = np.arange(0.0, 401.0, 10.0)
    plan: list[Setting] = [(0.0, {"inlet.V_flow": 1e-4, "inlet.c_mab": 10.0}), (100.0, {"collecting": 1}),
                           (250.0, {"collecting": 0})]  # fmt: skip
    reached = march(fmus["BioProcess.Fmus.Divert"], ["collect.m_mab_total", "rest.m_mab_total"], times, plan)
    collected = 1e-3 * np.clip(times - 100.0, 0.0, 150.0)
    return Comparison("divert valve", CLOSED, (
        Curve("collected [kg]", times, collected, reached[:, 0], 1e-9),
        Curve("not collected [kg]", times, 1e-3 * times - collected, reached[:, 1], 1e-9),
    ))  # fmt: skip


def buffer_manifold(fmus: Fmus) -> Comparison:
    """Each buffer for 60 s: sodium and chloride sent are flow times what the records say."""
    fmu = fmus["BioProcess.Fmus.BufferManifold"]
    order = ("equilibration", "wash", "elution", "strip", "sanitisation")
    p = parameters(fmu, [f"{name}.{ion}" for name in order for ion in ("sodium", "chloride")])
    times = np.arange(0.0, 301.0, 10.0)
    plan: list[Setting] = [(60.0 * i, {"select": i + 2}) for i in range(5)]
    reached = march(fmu, ["outlet.m_sodium_total", "outlet.m_chloride_total"], times, plan, flow_set=1e-4)
    curves = []
    for i, ion in enumerate(("sodium", "chloride")):
        sent = 1e-4 * sum(p[f"{name}.{ion}"] * np.clip(times - 60.0 * j, 0.0, 60.0) for j, name in enumerate(order))
        curves.append(Curve(f"{ion} sent [mol]", times, sent, reached[:, i], 1e-9))
    return Comparison("buffer manifold", CLOSED, tuple(curves))


def _gradient(fmus: Fmus, name: str) -> Comparison:
    """A share of 0.1, then a gradient to 0.7 over 50 L, which stays."""
    fmu = fmus[f"BioProcess.Fmus.{name}"]
    p = parameters(fmu, ["a.sodium", "b.sodium"])
    times = np.arange(0.0, 1001.0, 10.0)
    start = {"flow_set": 1e-4, "share": 0.1, "share_end": 0.7, "gradient_volume": 0.05}
    plan: list[Setting] = [(200.0, {"gradient": 1})]
    reached = march(fmu, ["outlet.c_sodium", "outlet.m_sodium_total"], times, plan, **start)
    along = np.clip((times - 200.0) / 500.0, 0.0, 1.0)
    c = p["a.sodium"] + (p["b.sodium"] - p["a.sodium"]) * (0.1 + 0.6 * along)
    risen = np.clip(times - 200.0, 0.0, 500.0) ** 2 / 1000.0 + np.clip(times - 700.0, 0.0, None)
    sent = 1e-4 * (p["a.sodium"] * times + (p["b.sodium"] - p["a.sodium"]) * (0.1 * times + 0.6 * risen))
    return Comparison(f"{name}, gradient", CLOSED, (
        Curve("sodium [mM]", times, c, reached[:, 0], 1e-9),
        Curve("sodium sent [mol]", times, sent, reached[:, 1], 1e-7),
    ))  # fmt: skip


def gradient_source(fmus: Fmus) -> Comparison:
    """The buffers of a cation exchanger."""
    return _gradient(fmus, "GradientSource")


def anion_buffers(fmus: Fmus) -> Comparison:
    """The buffers of an anion exchanger."""
    return _gradient(fmus, "AnionBuffers")


def glucose_feeder(fmus: Fmus) -> Comparison:
    """Feeds once a day: gain times what glucose lacks, within the limits of a dose."""
    fmu = fmus["BioProcess.Fmus.GlucoseFeeder"]
    p = parameters(fmu, ["target", "gain", "dose_min", "dose_max", "first", "interval", "pump_flow"])
    measured = (30.0, 25.0, 15.0, 60.0, 28.0)
    day = p["interval"]
    times = np.arange(0.0, p["first"] + 5 * day, 1800.0)
    plan: list[Setting] = [(p["first"] + (i - 0.5) * day, {"measured": glucose}) for i, glucose in enumerate(measured)]
    reached = march(fmu, ["outlet.V_total"], times, plan, measured=measured[0])
    sent = np.zeros_like(times)
    for i, glucose in enumerate(measured):
        dose = min(max(p["gain"] * (p["target"] - glucose), p["dose_min"]), p["dose_max"])
        sent += np.clip(p["pump_flow"] * (times - p["first"] - i * day), 0.0, dose)
    return Comparison("glucose feeder", CLOSED, (Curve("feed sent [m³]", times, sent, reached[:, 0], 1e-9),))


def exponential_feeder(fmus: Fmus) -> Comparison:
    """Feeds from 600 s on, pauses for an hour, feeds again up to its largest flow: F0 exp(mu t)."""
    fmu = fmus["BioProcess.Fmus.ExponentialFeeder"]
    p = parameters(fmu, ["flow_start", "flow_max"])
    mu, times = 2e-4, np.arange(0.0, 30001.0, 300.0)
    plan: list[Setting] = [(600.0, {"feeding": 1}), (6000.0, {"feeding": 0}), (9600.0, {"feeding": 1})]
    reached = march(fmu, ["outlet.V_total"], times, plan, growth_set=mu)
    fed = np.clip(times - 600.0, 0.0, 5400.0) + np.clip(times - 9600.0, 0.0, None)
    full = math.log(p["flow_max"] / p["flow_start"]) / mu
    sent = p["flow_start"] / mu * np.expm1(mu * np.minimum(fed, full)) + p["flow_max"] * np.clip(fed - full, 0.0, None)
    return Comparison("exponential feeder", CLOSED, (Curve("feed sent [m³]", times, sent, reached[:, 0], 1e-7),))


def _supply(fmus: Fmus, name: str, record: str, species: tuple[str, ...]) -> Comparison:
    fmu = fmus[f"BioProcess.Fmus.{name}"]
    p = parameters(fmu, [f"{record}.{s}" for s in species])
    times = np.arange(0.0, 901.0, 30.0)
    plan: list[Setting] = [(300.0, {"outlet.demand": 3e-5}), (600.0, {"demand": 0.0})]
    reached = march(fmu, [f"outlet.m_{s}_total" for s in species], times, plan, demand=1e-4)
    volume = 1e-4 * np.clip(times, 0.0, 600.0) + 3e-5 * np.clip(times - 300.0, 0.0, None)
    return Comparison(f"{record} on demand", CLOSED, tuple(
        Curve(f"{s} sent", times, p[f"{record}.{s}"] * volume, reached[:, i], 1e-9) for i, s in enumerate(species)
    ))  # fmt: skip


def medium_supply(fmus: Fmus) -> Comparison:
    """What two inputs ask for together, of the composition of the record."""
    return _supply(fmus, "MediumSupply", "medium", ("glucose", "amino_acids", "sodium"))


def harvest_supply(fmus: Fmus) -> Comparison:
    """The same of a harvest."""
    return _supply(fmus, "HarvestSupply", "harvest", ("mab", "hcp", "dna"))
