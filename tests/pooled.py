"""A pool that forgets, as Modelica, with a training file and a scenario: small enough to be trained in a second."""

MODEL = """\
model Pool "What is in a pool follows what enters, and forgets"
  parameter Real tau(unit="s") = 100 "Time that things stay";
  input Real c_in(unit="mol/m3", start=1, min=0) "What enters";
  input Real T(unit="K", start=300) "Temperature";
  output Real c(unit="mol/m3") "What is in the pool";
  output Real share[2] "Two shares that make a whole";
  output Real spare = 7 "The same for ever";
protected
  Real x(start=1, fixed=true);
equation
  der(x) = (c_in - x)/tau;
  c = x*(1 + 0.01*(T - 300));
  share[1] = x/(1 + x);
  share[2] = 1/(1 + x);
end Pool;
"""

TRAINING = """\
surrogate: pool
source: modelica:Pool
architecture: {name: static_map, memory: 3, members: 2, width: 16, iterations: 1500}
step: 5 min
duration: 5 h
runs: {train: 24, validate: 8, test: 8}
inputs:
  c_in: {from: 1 mol/m3, to: 3 mol/m3, shape: steps, every: 15 min}
  T: {from: 295 K, to: 305 K, shape: ramps, every: 1 h}
focus: [c]
budget: 60 s
seed: 3
"""

SCENARIO = """\
scenario: pooled
components:
  pool: {source: modelica:Pool}
inputs:
  pool.c_in: 2 mol/m3
  pool.T: 300 K
phases:
  run: {active: [pool], duration: 4 h, step: 5 min}
events: []
surrogates:
  pool: {package: surrogates/pool, although_slower: true}
"""
