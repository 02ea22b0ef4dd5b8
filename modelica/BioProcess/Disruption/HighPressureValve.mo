within BioProcess.Disruption;
block HighPressureValve "High-pressure homogeniser"
  extends Icons.UnitOperation;
  extends Interfaces.PartialConversion;
  parameter Units.Number k(min=0) = 2.5e-4
    "Constant of disruption at p_reference: calibrated to 98 % in two passes at 60 MPa";
  parameter Units.Pressure p_reference(min=1) = 1e6 "Pressure at which k holds: 1 MPa, customary";
  parameter Units.Number exponent_pressure(min=0) = 2.2
    "Exponent of the pressure: Escherichia coli, Gray, Dunnill and Lilly 1972 (2.9 for yeast, Hetherington et al. 1971)";
  parameter Units.Number exponent_passes(min=0) = 1 "Exponent of the number of passes: Hetherington et al. 1971";
  parameter Data.MicrobialCell cell "What a broken cell leaves behind";
  parameter Units.Fraction cooling(min=0, max=1) = 0 "Share of the heat that coolers take";
  parameter Units.Length d_debris_once(min=1e-8) = 5e-7 "Diameter of debris after one pass at p_debris: calibrated";
  parameter Units.Pressure p_debris(min=1) = 6e7 "Pressure at which that holds: 60 MPa, calibrated";
  parameter Units.Number exponent_debris(min=0) = 0.3
    "Exponent by which debris gets finer with passes and pressure: calibrated";
  parameter Units.Fraction efficiency(min=0.01, max=1) = 0.9 "Hydraulic over electric power of the pump: customary";
  Interfaces.LiquidInlet inlet "Cells";
  Interfaces.LiquidOutlet outlet "Lysate";
  input Units.Pressure pressure(start=6e7, min=0, max=2e8) "Pressure drop over the valve: 60 MPa, customary";
  input Units.Number passes(start=2, min=0, max=10) "Passes through the valve";
  output Units.Fraction broken "Share of the cells that arrive and are broken";
  output Units.Fraction inside "Share of the antigen that leaves inside whole cells";
  output Units.Temperature temperature "Temperature of the lysate";
  output Units.Length debris_diameter "Diameter of the debris, for the centrifuge behind";
  output Units.Power power "Electric power of the pump";
protected
  constant Units.Number small = 1e-3 "Passes, and pressure over p_debris, below which debris does not change: numerical";
  final parameter Species.Concentrations contents = cellContents(cell.hcp, cell.dna, cell.debris)
    "What leaves a broken cell per dry mass";
  Units.MassFlowRate broken_flow "Cells that are broken";
  Units.Number work "Passes times pressure over that of p_debris";
  Interfaces.InletVector inflow "Cells";
  Interfaces.OutletVector outflow "Lysate";
equation
  connect(inlet, inflow.port);
  connect(outflow.port, outlet);
  assert(contents[Species.AminoAcids.index] >= 0 and contents[Species.Glucose.index] >= 0,
    "The contents of a cell hold more nitrogen or carbon than the cell. Lower cell.hcp, cell.dna or cell.debris.");
  broken = brokenShare(pressure, passes, k, p_reference, exponent_pressure, exponent_passes);
  broken_flow = broken*inflow.m_flow[Species.Biomass.index];
  consumed_flow = Species.vector(biomass=broken_flow);
  made_flow = broken_flow*contents;
  outflow.V_flow = inflow.V_flow;
  outflow.T = temperature;
  outflow.c = inflow.c + broken*inflow.c[Species.Biomass.index]*(contents - Species.vector(biomass=1));
  inside = antigenInside(outflow.c, cell.debris);
  temperature = inflow.T + (1 - cooling)*passes*pressure/Media.volumetricHeatCapacity;
  work = noEvent(max(passes, small))*noEvent(max(pressure/p_debris, small));
  debris_diameter = d_debris_once*work^(-exponent_debris);
  power = passes*pressure*inflow.V_flow/efficiency;
  held = zeros(Species.n);
  held_volume = 0;
  annotation(Documentation(info="<html>
<p>Cells are forced through a valve and break. What they hold dissolves, their envelopes stay as debris. Antigen is carried
by its own species from the reactor on; the homogeniser moves it out of the cells.</p>
<h4>Equations</h4>
<p>Broken share R: ln(1/(1 &minus; R)) = k N<sup>x</sup> (p/p<sub>reference</sub>)<sup>a</sup>,
<a href=\"modelica://BioProcess.Disruption.brokenShare\">brokenShare</a>. What a broken cell leaves:
<a href=\"modelica://BioProcess.Disruption.cellContents\">cellContents</a>, closed in carbon and nitrogen. Heat:
T<sub>out</sub> &minus; T<sub>in</sub> = (1 &minus; cooling) N p/(&rho; c<sub>p</sub>), 2.4 K per 10 MPa and pass. Diameter of
debris: d (N p/p<sub>debris</sub>)<sup>&minus;m</sup>. Share of the antigen inside:
<a href=\"modelica://BioProcess.Disruption.antigenInside\">antigenInside</a>.</p>
<h4>Assumptions</h4>
<p>The valve holds nothing. All passes are made before the lysate leaves; two homogenisers in a row, with a tank between
them or not, break what one with both passes does where x = 1. Protein, DNA and antigen leave a cell as soon as it breaks.</p>
<h4>Limitations</h4>
<p>The constant does not depend on temperature, growth rate or concentration of the cells. Heat and shear do not harm the
antigen. The mass of what a cell leaves is 3 % more than that of the cell with the default contents, as carbon and
nitrogen, not oxygen and hydrogen, are balanced. Debris that arrives does not get finer.</p>
<h4>Validation</h4>
<p>Case homogeniser; Tests.CellDisruption.</p>
<h4>References</h4>
<p>Hetherington, Follows, Dunnill and Lilly 1971, Trans. Inst. Chem. Eng. 49:142. Gray, Dunnill and Lilly 1972, in
Terui, Fermentation Technology Today, 347.</p>
</html>"));
end HighPressureValve;
