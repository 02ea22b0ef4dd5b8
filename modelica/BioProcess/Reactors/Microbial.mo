within BioProcess.Reactors;
block Microbial "Fermenter with a microbe that makes an antigen inside its cells"
  extends PartialFedBatch(
    redeclare BioProcess.Kinetics.MicrobialOverflow kinetics(induction=induced_share),
    extra_flow=dosing.V_flow,
    extra_m_flow=dosing.m_flow,
    T_broth=temperature,
    volume_start=0.12, T=310.15, harvest_flow(max=0.001),
    c_start=Species.vector(biomass=biomass_start, glucose=medium.glucose, ammonia=medium.ammonia,
      carbonate=medium.carbonate, acetate=medium.acetate, sodium=medium.sodium, chloride=medium.chloride,
      phosphate=medium.phosphate));
  extends PartialAeration(T_reference=T, V_reference=max(volume_start, volume_small), V_small=volume_small,
    tank_diameter=0.5, impeller_diameter=0.2, n_impellers=3, power_number=5, p=1.5e5, d_cell=1.1e-6, U=500,
    stirrer_speed(start=6, max=20), gas_flow(start=0.1));
  parameter Units.MassConcentration biomass_start(min=0) = 0.3 "Dry mass at inoculation: customary";
  parameter Data.MicrobialMedium medium "Medium at inoculation";
  parameter Units.Time tau_induction(min=1) = 1800 "Time that induction takes: calibrated";
  parameter Units.Temperature T_induction(min=273.15) = 373.15
    "Temperature that induces half: 100 degC, so that heat does not induce (39.5 degC for a promoter that heat opens), calibrated";
  input Boolean inducer(start=false) "= true, once an inducer has been added";
  output Units.MassConcentration biomass "Dry mass";
  output Units.Molarity glucose "Glucose";
  output Units.Molarity acetate "Acetate";
  output Units.Molarity ammonia "Ammonia";
  output Units.MassConcentration titre "Antigen, inside the cells and out";
  output Units.MassConcentration hcp "Host cell protein outside the cells";
  output Units.SpecificRate growth_rate "Growth rate";
  output Units.Fraction induction "Share of induction";
protected
  constant Units.Temperature T_width = 0.5 "Width of the step of induction over temperature: calibrated";
  Units.Fraction induced_share(start=0, fixed=true, nominal=1) "Share of induction";
  Units.Fraction target "Induction that is approached";
equation
  V_broth = V;
  c_broth = c;
  V_in_flow = inflow.V_flow + seeding.V_flow + bolus_flow;
  V_out_flow = outflow.V_flow;
  H_in_flow = Media.volumetricHeatCapacity*(inflow.V_flow*(inflow.T - T) + seeding.V_flow*(seeding.T - T));
  made_control = made_by_gas;
  consumed_control = consumed_by_gas;
  kinetics.T = temperature;
  kinetics.pH = pH;
  kinetics.oxygen = c_oxygen;
  oxygen_uptake_rate = kinetics.oxygen_uptake;
  target = if inducer then 1 else 1/(1 + exp((T_induction - temperature)/T_width));
  der(induced_share) = (target - induced_share)/tau_induction;
  induction = induced_share;
  biomass = c[Species.Biomass.index];
  glucose = c[Species.Glucose.index];
  acetate = c[Species.Acetate.index];
  ammonia = c[Species.Ammonia.index];
  titre = c[Species.Antigen.index];
  hcp = c[Species.Hcp.index];
  growth_rate = kinetics.mu;
  annotation(Documentation(info="<html>
<p><a href=\"modelica://BioProcess.Reactors.PartialFedBatch\">PartialFedBatch</a> with
<a href=\"modelica://BioProcess.Reactors.PartialAeration\">PartialAeration</a> and
<a href=\"modelica://BioProcess.Kinetics.MicrobialOverflow\">MicrobialOverflow</a>, sized for 200 L; sizes: calibrated. The species
antigen is what cells hold and what has left them; which is which says
<a href=\"modelica://BioProcess.Disruption.antigenInside\">antigenInside</a>.</p>
<h4>Equations</h4>
<p>Induction f runs to 1 with an inducer, else to 1/(1 + exp((T<sub>induction</sub> &minus; T)/0.5 K)):
df/dt = (target &minus; f)/&tau;.</p>
<h4>Assumptions</h4>
<p>The inducer stays. The volume of the cells is part of that of the broth.</p>
<h4>Validation</h4>
<p>Case microbial; Examples.MicrobialCulture.</p>
<h4>References</h4>
<p>Xu, Jahic and Enfors 1999, doi:10.1021/bp9801087.</p>
</html>"));
end Microbial;
