within BioProcess.VirusSafety;
block PlugFlow "Continuous inactivation in a coil, as mixed tanks in series"
  extends Icons.UnitOperation;
  extends Interfaces.PartialConversion;
  parameter Integer n_tanks(min=1) = 20 "Mixed tanks in series: calibrated to a coiled tube";
  parameter Units.Volume reactor_volume(min=1e-9) = 0.02 "Volume, full of liquid all the time: calibrated";
  parameter Units.Temperature T(min=273.15, max=333.15) = 298.15 "Temperature, kept by a jacket: customary";
  parameter Units.Time tau_pH(min=1e-3) = 5 "Lag of the pH behind the charge balance: numerical";
  parameter Data.LowPHInactivation rates "Rates of inactivation and aggregation";
  parameter Data.ElutionBuffer filling "What fills the reactor at the start";
  parameter Units.PH pH_start = 3.5 "pH of that: customary";
  Interfaces.LiquidInlet inlet "Acidified feed";
  Interfaces.LiquidOutlet outlet "What leaves";
  output Units.Number log_reduction "Decades by which virus is reduced, in what leaves";
  output Units.PH pH "pH of what leaves";
  output Units.Time residence_time "Volume over flow; very long without flow";
  output Units.Fraction aggregates "Aggregates over antibody and aggregates, in what leaves";
protected
  constant Units.VolumeFlowRate V_flow_small = 1e-12 "Flow that is as good as none";
  constant Units.MassConcentration c_small = 1e-9 "Antibody that is as good as none";
  constant Real ln10 = 2.302585092994046 "Natural logarithm of 10";
  parameter Species.Concentrations c_start = Species.vector(sodium=filling.sodium, chloride=filling.chloride,
    acetate=filling.acetate, tris=filling.tris, phosphate=filling.phosphate, citrate=filling.citrate,
    histidine=filling.histidine) "Composition at the start";
  Units.SpecificRate turnover "Flow over the volume of one tank";
  final parameter Integer n_species = 29 "Number of species";
  final parameter Units.Volume V_tank = reactor_volume/n_tanks "Volume of one tank";
  constant Species.Concentrations aggregating = Species.vector(
    mab=1, mab_acidic=1, mab_basic=1, glycan_galactose=1, glycan_high_mannose=1) "1 where aggregation consumes";
  constant Species.Concentrations aggregated = Species.vector(mab_aggregate=1) "1 where aggregation makes";
  Real m[n_tanks, n_species](
    start=Chromatography.uniform(n_tanks, n_species, V_tank*c_start), each min=0, each fixed=true,
    nominal=Chromatography.uniform(n_tanks, n_species, V_tank*Species.c_nominal)) "Amounts in each tank [1, mol or kg]";
  Real c[n_tanks, n_species] "Concentrations in each tank [1/m3, mol/m3 or kg/m3]";
  Real m_flow[n_tanks + 1, n_species] "What passes each face [1/s, mol/s or kg/s]";
  Units.MassFlowRate aggregation_flow[n_tanks] "Antibody that aggregates in each tank";
  Units.PH pH_tank[n_tanks](each start=pH_start, each fixed=true, each nominal=1) "pH of each tank";
  Units.Number L[n_tanks](each start=0, each fixed=true, each nominal=1)
    "Minus the logarithm of the share of virus that survives, in each tank";
  Units.SpecificRate k_virus[n_tanks] "Rate of inactivation in each tank";
  Units.SpecificRate k_aggregation[n_tanks] "Rate of aggregation in each tank";
  Interfaces.InletVector inflow "Acidified feed";
  Interfaces.OutletVector outflow "What leaves";
equation
  connect(inlet, inflow.port);
  connect(outflow.port, outlet);
  turnover = noEvent(max(inflow.V_flow, 0))/V_tank;
  outflow.V_flow = inflow.V_flow;
  outflow.T = T;
  for k in 1:Species.n loop
    m_flow[1, k] = inflow.m_flow[k];
    outflow.c[k] = c[n_tanks, k];
    held[k] = sum(m[:, k]);
    made_flow[k] = aggregated[k]*sum(aggregation_flow);
    consumed_flow[k] = aggregating[k]*k_aggregation*m[:, k];
  end for;
  for i in 1:n_tanks loop
    der(pH_tank[i]) = Chromatography.relaxation(pH_tank[i], c[i, :], tau_pH);
    k_virus[i] = lowPHRate(
      pH_tank[i], T, rates.k_virus, rates.pH_nominal, rates.T_nominal, rates.slope_virus, rates.E_virus);
    k_aggregation[i] = lowPHRate(
      pH_tank[i], T, rates.k_aggregation, rates.pH_nominal, rates.T_nominal, rates.slope_aggregation, rates.E_aggregation);
    aggregation_flow[i] = k_aggregation[i]*m[i, Species.Mab.index];
    for k in 1:Species.n loop
      c[i, k] = m[i, k]/V_tank;
      m_flow[i + 1, k] = inflow.V_flow*c[i, k];
      der(m[i, k]) = m_flow[i, k] - m_flow[i + 1, k] + aggregated[k]*aggregation_flow[i]
        - aggregating[k]*k_aggregation[i]*m[i, k];
    end for;
  end for;
  der(L[1]) = k_virus[1] - dilution(turnover, L[1]);
  for i in 2:n_tanks loop
    der(L[i]) = k_virus[i] - dilution(turnover, L[i] - L[i - 1]);
  end for;
  held_volume = reactor_volume;
  log_reduction = L[n_tanks]/ln10;
  pH = pH_tank[n_tanks];
  residence_time = reactor_volume/noEvent(max(inflow.V_flow, V_flow_small));
  aggregates = c[n_tanks, Species.MabAggregate.index]
    /noEvent(max(c[n_tanks, Species.MabAggregate.index] + c[n_tanks, Species.Mab.index], c_small));
  annotation(Documentation(info="<html>
<p>Acidified product flows through a coil that gives it its time at low pH; the coil is full of elution buffer at the start.
Neutralise behind it. <code>n_tanks</code> sets the width of the residence times: 1 is one stirred tank, many approach plug
flow.</p>
<h4>Equations</h4>
<p>Each tank: dm/dt = F (c<sub>i&minus;1</sub> &minus; c<sub>i</sub>) + conversion; of virus the share
e<sup>&minus;L<sub>i</sub></sup> survives, dL<sub>i</sub>/dt = k<sub>i</sub> &minus; (F/V<sub>i</sub>)
(exp(L<sub>i</sub> &minus; L<sub>i&minus;1</sub>) &minus; 1), so at rest N tanks give N ln(1 + k&tau;/N). Rates:
<a href=\"modelica://BioProcess.VirusSafety.lowPHRate\">lowPHRate</a>.</p>
<h4>Assumptions</h4>
<p>Constant volume and temperature; the pH of each tank runs to its charge balance with the lag tau_pH. What fills the coil
at the start is free of virus but counts as fed: reduction begins at none.</p>
<h4>Limitations</h4>
<p>One virus, first order. Residence times depend on n_tanks alone, not on the flow.</p>
<h4>Validation</h4>
<p>Cases V7 and V8; Tests.TanksInSeries.</p>
<h4>References</h4>
<p>ASTM E2888-12.</p>
</html>"));
end PlugFlow;
