within BioProcess.VirusSafety;
block InactivationTank "Stirred tank that is titrated to low pH, holds and is neutralised"
  extends Vessels.PartialTreatmentTank(heel=0.0025, volume_small=1e-4);
  parameter Data.LowPHInactivation rates "Rates of inactivation and aggregation";
  parameter Data.InactivationAcid acid "Acid";
  parameter Data.NeutralisationBase base "Base";
  parameter Units.VolumeFlowRate titrant_flow(min=0) = 5e-5 "Largest flow of acid or base: 3 L/min, customary";
  parameter Units.PH band(min=1e-3) = 0.05 "Distance from the pH set within which titration slows down: customary";
  input Units.PH pH_set(start=3.55, min=2, max=9) "pH to titrate to";
  input Boolean titrating(start=false) "Acid or base flows until the pH is pH_set";
  output Units.Number log_reduction "Decades by which virus is reduced, in what the tank holds";
  output Units.SpecificRate inactivation "Rate at which virus is inactivated";
  output Units.Volume acid_total "Acid added";
  output Units.Volume base_total "Base added";
protected
  constant Real ln10 = 2.302585092994046 "Natural logarithm of 10";
  Units.Number L(start=0, fixed=true, nominal=1) "Minus the logarithm of the share of virus that survives";
  Units.Volume V_fed(start=volume_start, fixed=true, nominal=1) "Held volume of what was fed, without titrants";
  Units.Volume V_acid(start=0, fixed=true, nominal=0.1) "Acid added";
  Units.Volume V_base(start=0, fixed=true, nominal=0.1) "Base added";
  Units.VolumeFlowRate acid_flow "Flow of acid";
  Units.VolumeFlowRate base_flow "Flow of base";
  Units.PH distance "pH above pH_set";
equation
  assert(T > 273.15 and T < 333.15, "The temperature of the inactivation tank is outside 0 to 60 degC. Check inlet.T.");
  pH = Media.pH(c);
  distance = (pH - pH_set)/band;
  acid_flow = if titrating then titrant_flow*noEvent(min(max(distance, 0), 1))*contents else 0;
  base_flow = if titrating then titrant_flow*noEvent(min(max(-distance, 0), 1))*contents else 0;
  addition_flow = acid_flow + base_flow;
  added = titrantSpecies(acid_flow, base_flow, acid, base);
  der(V_acid) = acid_flow;
  der(V_base) = base_flow;
  inactivation = lowPHRate(pH, T, rates.k_virus, rates.pH_nominal, rates.T_nominal, rates.slope_virus, rates.E_virus);
  k_aggregation = lowPHRate(
    pH, T, rates.k_aggregation, rates.pH_nominal, rates.T_nominal, rates.slope_aggregation, rates.E_aggregation);
  consumed_flow = aggregation(k_aggregation, m);
  made_flow = added + Species.vector(mab_aggregate=k_aggregation*m[Species.Mab.index]);
  der(V_fed) = inflow.V_flow - outflow.V_flow*V_fed/noEvent(max(V, volume_small));
  der(L) = inactivation - dilution(inflow.V_flow/noEvent(max(V_fed, volume_small)), L);
  log_reduction = L/ln10;
  heat_flow = 0;
  acid_total = V_acid;
  base_total = V_base;
  annotation(Documentation(info="<html>
<p>The pool is brought to low pH, held while enveloped viruses are inactivated and a little of the antibody aggregates, and
neutralised. Set <code>pH_set</code> and <code>titrating</code> for each.</p>
<h4>Equations</h4>
<p>Acid and base flow in proportion to the distance from pH_set within <code>band</code>, at most titrant_flow. Of virus
that enters, the share s survives: ds/dt = (F/V<sub>fed</sub>)(1 &minus; s) &minus; k s, solved for L = &minus;ln s so that
no decade is lost to round-off: dL/dt = k &minus; (F/V<sub>fed</sub>)(e<sup>L</sup> &minus; 1). A batch has L = k t, a
stirred tank with through-flow e<sup>L</sup> = 1 + k&tau;. Rates: <a href=\"modelica://BioProcess.VirusSafety.lowPHRate\">lowPHRate</a>.
Antibody aggregates in first order, and what is contained in it goes along.</p>
<h4>Assumptions</h4>
<p>Mixing is faster than titration. Titrants are free of virus and their dilution does not count as reduction. Unfolding
limits aggregation, so its rate does not depend on concentration.</p>
<h4>Limitations</h4>
<p>One virus, first order: the slow tail of real inactivation is absent. Do not feed and hold at the same time unless
through-flow is meant.</p>
<h4>Validation</h4>
<p>Cases V8 and V28; Tests.LowPHHold.</p>
<h4>References</h4>
<p>ASTM E2888-12.</p>
</html>"));
end InactivationTank;
