within BioProcess.Disruption;
function antigenInside "Share of the antigen in a stream that sits inside whole microbial cells"
  input Species.Concentrations c "Concentrations";
  input Units.Fraction debris "Debris over the dry mass broken";
  output Units.Fraction share "Between 0 and 1";
protected
  constant Units.MassConcentration small = 1e-9 "Cells that are as good as none";
  Real whole "Dry mass of whole cells [kg/m3]";
  Real broken "Dry mass that the debris is from [kg/m3]";
algorithm
  whole := max(c[Species.Biomass.index], 0);
  broken := max(c[Species.Debris.index], 0)/debris;
  share := whole/max(whole + broken, small);
  annotation(Documentation(info="<html>
<p>All cells hold the same antigen and give it up when they break, so the share of the antigen that is inside is that of
whole cells among all cells, whole and broken: c<sub>biomass</sub>/(c<sub>biomass</sub> + c<sub>debris</sub>/y) with the
debris y that a broken cell leaves. Exact as long as cells and debris have stayed together; behind a clarification, which
takes almost all cells, the share is next to zero either way.</p>
</html>"));
end antigenInside;
