within BioProcess.Filtration;
block CrossFlow "Vessel with a cross-flow membrane: concentration and diafiltration at constant volume"
  extends Vessels.PartialContents(heel=0.0015, volume_small=1e-5);
  parameter Units.Area area(min=1e-6) = 11 "Membrane: flagship process";
  parameter Units.Fraction sieving_mab(min=0, max=1) = 5e-4 "Of antibody: calibrated";
  parameter Units.Fraction sieving_aggregate(min=0, max=1) = 0 "Of aggregates and DNA: larger than antibody";
  parameter Units.Fraction sieving_protein(min=0, max=1) = 0.02 "Of other proteins, in the mean: calibrated";
  parameter Units.Fraction sieving_small(min=0, max=1) = 1 "Of small solutes";
  parameter Real fouling(unit="m2/kg", min=0) = 0
    "Resistance, of that of the clean membrane, added by protein that is carried to it";
  parameter Units.Fraction irreversible(min=0, max=1) = 0.1 "Share of it that cleaning leaves: calibrated";
  parameter Units.SpecificRate k_cleaning(min=0) = 2e-3 "Rate of cleaning: calibrated";
  parameter Data.FormulationBuffer buffer "Buffer for diafiltration and rinse";
  replaceable GelPolarisation law constrainedby PartialFlux "What limits the flux";
  Interfaces.LiquidOutletOnDemand outlet "Retentate";
  Interfaces.LiquidOutlet permeate "Permeate";
  input Boolean filtering(start=false) "Pump on: permeate flows";
  input Boolean diafiltering(start=false) "Buffer replaces the permeate: constant volume";
  input Boolean cleaning(start=false) "The membrane is cleaned, between batches";
  input Units.Pressure pressure(start=1e5, min=0, max=4e5) "Pressure across the membrane: 1 bar, customary";
  input Units.VolumeFlowRate rinse_flow(start=0, min=0, max=0.01) "Buffer that rinses the retentate out";
  input Units.VolumeFlowRate demand(start=0, min=0, max=0.01) "Flow of retentate asked for, in addition to outlet.demand";
  output Units.Velocity flux "Permeate per area and time";
  output Units.Number diavolumes "Buffer exchanged since diafiltration last began, over the volume";
  output Units.Number resistance "Fouling, of the resistance of the clean membrane";
  output Units.MassConcentration protein "All protein in the retentate";
protected
  parameter Species.Concentrations sieving = Species.vector(
    glucose=sieving_small, glutamine=sieving_small, asparagine=sieving_small, amino_acids=sieving_small,
    lactate=sieving_small, ammonia=sieving_small, carbonate=sieving_small, sucrose=sieving_small,
    mab=sieving_mab, mab_acidic=sieving_mab, mab_basic=sieving_mab, glycan_galactose=sieving_mab,
    glycan_high_mannose=sieving_mab, mab_aggregate=sieving_aggregate, antigen=sieving_protein, hcp=sieving_protein,
    dna=sieving_aggregate, protein_a=sieving_protein, sodium=sieving_small, chloride=sieving_small,
    acetate=sieving_small, tris=sieving_small, phosphate=sieving_small, citrate=sieving_small,
    histidine=sieving_small) "Share of each species that passes with the liquid";
  Units.Number r_reversible(start=0, fixed=true, nominal=1) "Fouling that cleaning removes";
  Units.Number r_irreversible(start=0, fixed=true, nominal=1) "Fouling that stays";
  Units.Number N(start=0, fixed=true, nominal=1) "Diavolumes so far";
  discrete Units.Number N_before(start=0, fixed=true) "Diavolumes before this diafiltration";
  Boolean exchanging "Equal to diafiltering";
  Units.VolumeFlowRate exchange_flow "Buffer that replaces permeate";
  Real deposit(unit="1/s") "Fouling per time";
  Interfaces.OutletOnDemandVector retentate "Retentate";
  Interfaces.OutletVector passed "Permeate";
equation
  connect(outlet, retentate.port);
  connect(passed.port, permeate);
  exchanging = diafiltering;
  when exchanging then
    N_before = N;
  end when;
  protein = c[Species.Mab.index] + c[Species.MabAggregate.index] + c[Species.Antigen.index] + c[Species.Hcp.index];
  law.c = protein;
  law.pressure = pressure;
  flux = if filtering then law.flux/(1 + r_reversible + r_irreversible)*contents else 0;
  passed.V_flow = area*flux;
  passed.T = T;
  passed.c = sieving.*c;
  retentate.V_flow = noEvent(max(demand + retentate.demand, 0))*contents;
  retentate.T = T;
  retentate.c = c;
  exchange_flow = if diafiltering then passed.V_flow else 0;
  addition_flow = exchange_flow + noEvent(max(rinse_flow, 0));
  made_flow = addition_flow*Species.vector(sodium=buffer.sodium, chloride=buffer.chloride, acetate=buffer.acetate,
    tris=buffer.tris, phosphate=buffer.phosphate, citrate=buffer.citrate, histidine=buffer.histidine);
  consumed_flow = zeros(Species.n);
  leaving_flow = passed.V_flow + retentate.V_flow;
  leaving_m_flow = passed.m_flow + retentate.m_flow;
  heat_flow = 0;
  der(N) = exchange_flow/noEvent(max(V, volume_small));
  deposit = fouling*flux*protein;
  der(r_reversible) = (1 - irreversible)*deposit - (if cleaning then k_cleaning*r_reversible else 0);
  der(r_irreversible) = irreversible*deposit;
  diavolumes = N - N_before;
  resistance = r_reversible + r_irreversible;
  pH = Media.pH(c);
  held = m;
  annotation(Documentation(info="<html>
<p>A recirculation vessel on a membrane. Fill it and filter to concentrate, let buffer replace the permeate to exchange the
buffer, rinse the retentate out.</p>
<h4>Equations</h4>
<p>dm/dt = F<sub>in</sub> c<sub>in</sub> + F<sub>buffer</sub> c<sub>buffer</sub> &minus; A J S c &minus; F<sub>out</sub> c
with the sieving S of each species; at constant volume c = c<sub>0</sub> e<sup>&minus;S N</sup> after N diavolumes. Flux:
the replaceable <code>law</code>, <a href=\"modelica://BioProcess.Filtration.GelPolarisation\">GelPolarisation</a> or
<a href=\"modelica://BioProcess.Filtration.OsmoticPressure\">OsmoticPressure</a>, over 1 + fouling; fouling grows with the
protein carried to the membrane, and cleaning removes its reversible part.</p>
<h4>Assumptions</h4>
<p>Retentate well mixed, along the membrane too; sieving constant; buffer comes from outside the flowsheet and counts as
made, at T_start.</p>
<h4>Limitations</h4>
<p>Proteins carry no charge here: the Donnan effect, which shifts excipients and pH at high concentration, and the volume
that protein excludes are absent. Viscosity does not limit the flux.</p>
<h4>Validation</h4>
<p>Cases V9 and V10; Tests.BufferExchange.</p>
<h4>References</h4>
<p>Blatt et al. 1970, in Flinn, Membrane Science and Technology.</p>
</html>"));
end CrossFlow;
