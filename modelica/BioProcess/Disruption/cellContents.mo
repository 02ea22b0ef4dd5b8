within BioProcess.Disruption;
function cellContents "What broken microbial cells leave behind, per dry mass broken"
  input Units.Fraction hcp "Soluble host cell protein in the dry mass";
  input Units.Fraction dna "DNA in the dry mass";
  input Units.Fraction debris "Debris over the dry mass broken";
  output Species.Concentrations contents "Amounts per kg of dry mass";
protected
  Real nitrogen "Nitrogen that is left [mol/kg]";
  Real amino_acids "Amino acids that take it [mol/kg]";
  Real carbon "Carbon that is left then [mol/kg]";
algorithm
  nitrogen := Species.Biomass.nitrogen - hcp*Species.Hcp.nitrogen - dna*Species.Dna.nitrogen
    - debris*Species.Debris.nitrogen;
  amino_acids := nitrogen/Species.AminoAcids.nitrogen;
  carbon := Species.Biomass.carbon - hcp*Species.Hcp.carbon - dna*Species.Dna.carbon - debris*Species.Debris.carbon
    - amino_acids*Species.AminoAcids.carbon;
  contents := Species.vector(hcp=hcp, dna=dna, debris=debris, amino_acids=amino_acids,
    glucose=carbon/Species.Glucose.carbon);
  annotation(Documentation(info="<html>
<p>Small molecules that dissolve close the balances: the nitrogen that protein, DNA and debris leave over counts as amino
acids, the carbon then left over as glucose, which stands for sugars and metabolites.</p>
</html>"));
end cellContents;
