within BioProcess.Chromatography;
partial block PartialAffinityColumn "Affinity column for an antibody: all but how antibody and host cell protein pass the bed"
  extends PartialPackedColumn(
    c_storage=Species.vector(
      sodium=storage.sodium, chloride=storage.chloride, acetate=storage.acetate, tris=storage.tris,
      phosphate=storage.phosphate, citrate=storage.citrate, histidine=storage.histidine));
  replaceable Data.EquilibrationBuffer storage constrainedby Data.Buffer "What fills the column at the start";
  parameter Units.MassConcentration q_mab(min=1e-3) = 157
    "Capacity for antibody per volume of solid: 55 g per litre of bed, calibrated";
  parameter Units.MassConcentration K_mab(min=0) = 0.02 "Half saturation of antibody above pH 6: 0.13 umol/L, calibrated";
  parameter Units.PH pH_mab(min=0, max=14) = 5.7 "Where binding of antibody begins to weaken: calibrated";
  parameter Units.Number slope_mab = 1.5 "Decades per unit of pH: calibrated";
  parameter Units.MassConcentration q_hcp(min=1e-3) = 0.3 "Capacity for host cell protein per volume of solid: calibrated";
  parameter Units.MassConcentration K_hcp(min=0) = 0.05 "Half saturation of host cell protein above pH 6: calibrated";
  parameter Units.PH pH_hcp(min=0, max=14) = 5.0 "Where binding of host cell protein begins to weaken: calibrated";
  parameter Units.Number slope_hcp = 1.0 "Decades per unit of pH: calibrated";
  parameter Units.Fraction dna_on_mab(min=0, max=1) = 0.002 "Share of the DNA that sticks to antibody: calibrated to 2.7 decades of removal";
  parameter Units.LeachingRate leaching(min=0) = 7e-8
    "Protein A that leaves the resin at pH_leaching, per volume of bed: calibrated to some 10 mg per kg of antibody";
  parameter Units.PH pH_leaching(min=0, max=14) = 3.5 "pH of that: customary elution";
  parameter Units.Number slope_leaching = 0.5 "Decades by which it falls per unit of pH: calibrated";
  output Units.Mass made_protein_a_total "Protein A leached from the resin: made since the start";
protected
  Units.PH pH_cell[n_tanks*cells_per_tank] "pH along the bed";
  Units.MassConcentration c_proteins_in[2] "What enters of antibody and host cell protein";
  Units.MassConcentration c_proteins[2] "What leaves of them";
  Units.Mass held_proteins[2] "What is in the bed of them";
  Units.MassFlowRate mab_flow[n_tanks] "Antibody that leaves each mixed cell";
  CompanionColumn companions(n=n_tanks, n_solutes=6, m_nominal=V_bed/n_tanks*{10, 10, 1, 0.1, 1, 1e-3})
    "Acidic, basic, galactose, high mannose, aggregates, DNA";
  Units.VolumeFlowRate V_divisor "Flow, and never zero";
  Units.MassFlowRate leaching_flow[n_tanks] "Protein A that leaves the resin";
  Units.Mass m_ligand[n_tanks](each start=0, each fixed=true, each nominal=1e-6) "Protein A in the liquid, from the resin";
  Units.Mass m_leached(start=0, fixed=true, nominal=1e-5) "Protein A that has left the resin";
equation
  binding = Species.vector(
    mab=m_flow[Species.Mab.index], hcp=m_flow[Species.Hcp.index], mab_acidic=m_flow[Species.MabAcidic.index],
    mab_basic=m_flow[Species.MabBasic.index], glycan_galactose=m_flow[Species.GlycanGalactose.index],
    glycan_high_mannose=m_flow[Species.GlycanHighMannose.index], mab_aggregate=m_flow[Species.MabAggregate.index],
    dna=dna_on_mab*m_flow[Species.Dna.index]);
  V_divisor = noEvent(max(V_flow, 1e-30));
  c_proteins_in[1] = m_flow[Species.Mab.index]/V_divisor;
  c_proteins_in[2] = m_flow[Species.Hcp.index]/V_divisor;
  companions.m_in_flow[1] = m_flow[Species.MabAcidic.index];
  companions.m_in_flow[2] = m_flow[Species.MabBasic.index];
  companions.m_in_flow[3] = m_flow[Species.GlycanGalactose.index];
  companions.m_in_flow[4] = m_flow[Species.GlycanHighMannose.index];
  companions.m_in_flow[5] = m_flow[Species.MabAggregate.index];
  companions.m_in_flow[6] = dna_on_mab*m_flow[Species.Dna.index];
  companions.c_carrier = c_proteins[1];
  companions.m_carrier_in_flow = m_flow[Species.Mab.index];
  for j in 1:n_tanks loop
    companions.m_flow[j] = mab_flow[j];
    leaching_flow[j] = leaching*V_bed/n_tanks*10^(slope_leaching*(pH_leaching - pH_tank[j]));
    for l in 1:cells_per_tank loop
      pH_cell[(j - 1)*cells_per_tank + l] = pH_tank[j];
    end for;
  end for;
  der(m_ligand[1]) = leaching_flow[1] - n_tanks*V_flow/V_liquid*m_ligand[1];
  for j in 2:n_tanks loop
    der(m_ligand[j]) = leaching_flow[j] + n_tanks*V_flow/V_liquid*(m_ligand[j - 1] - m_ligand[j]);
  end for;
  der(m_leached) = sum(leaching_flow);
  made_protein_a_total = m_leached;
  c_binding = Species.vector(
    mab=c_proteins[1], hcp=c_proteins[2], mab_acidic=companions.c_out[1], mab_basic=companions.c_out[2],
    glycan_galactose=companions.c_out[3], glycan_high_mannose=companions.c_out[4], mab_aggregate=companions.c_out[5],
    dna=companions.c_out[6], protein_a=n_tanks*m_ligand[n_tanks]/V_liquid);
  held_binding = Species.vector(
    mab=held_proteins[1], hcp=held_proteins[2], mab_acidic=companions.held[1], mab_basic=companions.held[2],
    glycan_galactose=companions.held[3], glycan_high_mannose=companions.held[4], mab_aggregate=companions.held[5],
    dna=companions.held[6], protein_a=sum(m_ligand));
  is_emptied = held_proteins[1] < 0.05*(m_loaded - m_before) - m_small;
  annotation(Documentation(info="<html>
<p>What moves with the antibody, the ligand that leaches, and when a cycle is over. Those that extend it let antibody and
host cell protein through the bed.</p>
<h4>Equations</h4>
<p>Leaching of the ligand: rate &middot; 10<sup>s (pH<sub>leaching</sub> &minus; pH)</sup> per volume of bed.</p>
<h4>Assumptions</h4>
<p>Charge variants, glycans, aggregates and a share of the DNA move with the antibody
(<a href=\"modelica://BioProcess.Chromatography.CompanionColumn\">CompanionColumn</a>); the rest of the DNA and Protein A from
elsewhere pass. The column counts as emptied when it holds less than 5 % of what was loaded, and a cycle as over when no
load flows then.</p>
<h4>Limitations</h4>
<p>Host cell protein is one lump. Aggregates take no sites. Leaching does not use up capacity; loss_cycle and loss_caustic
say what does.</p>
</html>"));
end PartialAffinityColumn;
