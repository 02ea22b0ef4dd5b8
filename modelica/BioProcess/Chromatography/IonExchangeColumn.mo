within BioProcess.Chromatography;
block IonExchangeColumn "Ion exchanger that tells the variants of an antibody and its impurities apart"
  extends PartialPackedColumn(
    porosity=0.85, porosity_small=0.85, n_tanks=15, n_cells=45,
    c_storage=Species.vector(
      sodium=storage.sodium, chloride=storage.chloride, acetate=storage.acetate, tris=storage.tris,
      phosphate=storage.phosphate, citrate=storage.citrate, histidine=storage.histidine));
  replaceable Data.CationEquilibrationBuffer storage constrainedby Data.Buffer "What fills the column at the start";
  replaceable Data.CationExchanger exchanger constrainedby Data.IonExchanger "Resin and proteins";
  parameter Units.Molarity salt_regenerated(min=0) = 400 "Salt that leaves when a cycle is over: calibrated to a strip";
  output Units.Molarity salt "Equivalents of salt behind the column";
protected
  constant Integer n_solutes = 9 "Number of solutes: salt, the seven proteins, and DNA";
  constant Units.MassConcentration c_small = 1e-12 "Antibody that is as good as none";
  Units.Fraction share "Share of the variants that the antibody can contain: 1 of a stream that makes sense";
  Units.VolumeFlowRate V_divisor "Flow, and never zero";
  Species.Concentrations c_in "What enters";
  Units.MassFlowRate acidic_flow "Acidic variants that enter";
  Units.MassFlowRate basic_flow "Basic variants that enter";
  Units.PH pH_cell[n_tanks*cells_per_tank] "pH along the bed";
  LumpedRateColumn proteins(
    n_cells=n_tanks*cells_per_tank, n_solutes=9, bed_volume=V_bed, length=length, porosity=porosity, dispersivity=dispersivity,
    c_nominal=1, q_nominal=100, c_small=1e-3, c_start={
      counterIons(pH_start, c_storage),
      0, 0, 0, 0, 0, 0, 0, 0},
    redeclare Isotherms.StericMassActionOverPh isotherm(
      n_points=n_tanks*cells_per_tank, n_solutes=9, Lambda=exchanger.Lambda, capacity=capacity_now, k_ads=exchanger.k_des*exchanger.K,
      k_des=exchanger.k_des*ones(9), nu=exchanger.nu, sigma=exchanger.sigma, molar_mass=exchanger.molar_mass,
      nu_pH=exchanger.nu_pH, pH_reference=exchanger.pH_reference, pH=pH_cell, c_reference=exchanger.c_reference,
      q_reference=exchanger.Lambda, k_fast=exchanger.k_transfer, exchange=0))
    "Salt; antibody that is neither acidic nor basic, acidic, basic; aggregates, antigen, host cell protein, DNA, Protein A";
  CompanionColumn glycans(n=n_tanks, n_solutes=2, m_nominal=V_bed/n_tanks*{1, 0.1}) "Galactose, high mannose";
equation
  V_divisor = noEvent(max(V_flow, 1e-30));
  c_in = m_flow/V_divisor;
  share = noEvent(min(1, m_flow[Species.Mab.index]
    /max(m_flow[Species.MabAcidic.index] + m_flow[Species.MabBasic.index], c_small*V_divisor)));
  acidic_flow = share*m_flow[Species.MabAcidic.index];
  basic_flow = share*m_flow[Species.MabBasic.index];
  binding = Species.vector(
    mab=m_flow[Species.Mab.index], mab_acidic=acidic_flow, mab_basic=basic_flow,
    mab_aggregate=m_flow[Species.MabAggregate.index], antigen=m_flow[Species.Antigen.index],
    hcp=m_flow[Species.Hcp.index], dna=m_flow[Species.Dna.index], protein_a=m_flow[Species.ProteinA.index],
    glycan_galactose=m_flow[Species.GlycanGalactose.index], glycan_high_mannose=m_flow[Species.GlycanHighMannose.index]);
  proteins.V_flow = V_flow;
  proteins.c_in[1] = counterIons(pH_tank[1], c_in);
  proteins.c_in[2] = (m_flow[Species.Mab.index] - acidic_flow - basic_flow)/V_divisor;
  proteins.c_in[3] = acidic_flow/V_divisor;
  proteins.c_in[4] = basic_flow/V_divisor;
  proteins.c_in[5] = c_in[Species.MabAggregate.index];
  proteins.c_in[6] = c_in[Species.Antigen.index];
  proteins.c_in[7] = c_in[Species.Hcp.index];
  proteins.c_in[8] = c_in[Species.Dna.index];
  proteins.c_in[9] = c_in[Species.ProteinA.index];
  for j in 1:n_tanks loop
    glycans.m_flow[j] = proteins.m_flow[j*cells_per_tank + 1, 2] + proteins.m_flow[j*cells_per_tank + 1, 3]
      + proteins.m_flow[j*cells_per_tank + 1, 4];
    for l in 1:cells_per_tank loop
      pH_cell[(j - 1)*cells_per_tank + l] = pH_tank[j];
    end for;
  end for;
  glycans.m_in_flow[1] = m_flow[Species.GlycanGalactose.index];
  glycans.m_in_flow[2] = m_flow[Species.GlycanHighMannose.index];
  glycans.m_carrier_in_flow = m_flow[Species.Mab.index];
  glycans.c_carrier = proteins.c_out[2] + proteins.c_out[3] + proteins.c_out[4];
  c_binding = Species.vector(
    mab=proteins.c_out[2] + proteins.c_out[3] + proteins.c_out[4], mab_acidic=proteins.c_out[3],
    mab_basic=proteins.c_out[4], mab_aggregate=proteins.c_out[5], antigen=proteins.c_out[6], hcp=proteins.c_out[7],
    dna=proteins.c_out[8], protein_a=proteins.c_out[9], glycan_galactose=glycans.c_out[1],
    glycan_high_mannose=glycans.c_out[2]);
  held_binding = Species.vector(
    mab=proteins.held[2] + proteins.held[3] + proteins.held[4], mab_acidic=proteins.held[3], mab_basic=proteins.held[4],
    mab_aggregate=proteins.held[5], antigen=proteins.held[6], hcp=proteins.held[7], dna=proteins.held[8],
    protein_a=proteins.held[9], glycan_galactose=glycans.held[1], glycan_high_mannose=glycans.held[2]);
  salt = proteins.c_out[1];
  is_emptied = salt > salt_regenerated and m_loaded - m_before > m_small;
  annotation(Documentation(info="<html>
<p>Proteins bind by steric mass action; salt and pH of the buffer, and nothing else, decide what is bound, washed or
eluted. The same model is a cation exchanger that binds and elutes the antibody and an anion exchanger through which it
flows: the record of the resin makes the difference.</p>
<h4>Equations</h4>
<p>Transport: <a href=\"modelica://BioProcess.Chromatography.LumpedRateColumn\">LumpedRateColumn</a>. Binding:
<a href=\"modelica://BioProcess.Chromatography.Isotherms.StericMassActionOverPh\">StericMassActionOverPh</a>, with
K = k<sub>ads</sub>/k<sub>des</sub> at c_reference of salt and an empty resin:
q/c = K (free sites/&Lambda;)<sup>z</sup> (c<sub>reference</sub>/salt)<sup>z</sup> at rest, approached no faster than k_transfer.
Salt is what <a href=\"modelica://BioProcess.Chromatography.counterIons\">counterIons</a> counts in the buffer.</p>
<h4>Assumptions</h4>
<p>Antibody is acidic, basic or neither; the three bind differently and compete. Film and pores are lumped into one rate.
Salt that proteins displace is not released, as they do not count in the charge balance either. Glycans move with the
antibody. A cycle is over when a strip, while no load flows, brings the salt behind the column above salt_regenerated.</p>
<h4>Limitations</h4>
<p>Host cell protein is one lump, and so is DNA. Variants in excess of the antibody that should contain them pass unbound.</p>
<h4>Validation</h4>
<p>Tests: StericMassActionElution, StericMassActionOverPhElution.</p>
<h4>References</h4>
<p>Brooks and Cramer 1992, AIChE Journal 38:1969.</p>
</html>"));
end IonExchangeColumn;
