within BioProcess.Kinetics;
model Monod "Growth on one substrate"
  extends PartialCellKinetics;
  parameter Units.SpecificRate mu_max "Largest growth rate";
  parameter Units.Molarity K_S "Half saturation of the substrate, glucose";
  parameter Units.MolarCellYield Y "Cells per substrate";
  Units.SpecificRate mu "Growth rate";
protected
  Units.CellConcentration X "Cells";
equation
  X = c[Species.CellsViable.index];
  mu = mu_max*saturation(c[Species.Glucose.index], K_S);
  made = Species.vector(cells_viable=mu*X);
  consumed = Species.vector(glucose=mu/Y*X);
  annotation(Documentation(info="<html>
<p>Source: Monod 1949, doi:10.1146/annurev.mi.03.100149.002103.</p>
</html>"));
end Monod;
