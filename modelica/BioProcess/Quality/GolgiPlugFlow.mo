within BioProcess.Quality;
block GolgiPlugFlow "Glycans after plug flow through the Golgi, 33 oligosaccharides"
  extends PartialGlycosylation;
  parameter Integer n_cells(min=3) = 40 "Cells along the Golgi: numerical";
  parameter Units.SpecificMassRate productivity_start(min=1e-26) = 1.5e-19
    "Productivity that filled the Golgi before the start, with Man9: calibrated";
  output Units.Fraction glycan[33] "Share of each oligosaccharide, see GolgiNetwork";
  output Units.Fraction sialylation "Sialic acids per glycan";
  output Units.Number recovery "Oligosaccharides that leave over those that enter: 1 at rest";
protected
  final parameter Units.Molarity c_start = n_sites*productivity_start/Species.Mab.molar_mass*residence_nominal/golgi_volume
    "Man9 at the start";
  final parameter Real density[n_cells, 7] = golgiEnzymes(n_cells, position, width) "Enzymes along the Golgi";
  constant Units.Molarity c_small = 1e-6 "Differences that are not limited: numerical";
  Real c[n_cells, 33](
    start=Chromatography.uniform(n_cells, 33, cat(1, {c_start}, zeros(32))), each fixed=true, each nominal=0.01)
    "Concentrations along the Golgi [mol/m3]";
  Real face[n_cells + 1, 33] "Concentrations between the cells [mol/m3]";
  Real c_out "Oligosaccharides that leave [mol/m3]";
  GolgiCell cell[n_cells](each K=K) "Reactions";
equation
  for k in 1:33 loop
    face[1, k] = if k == 1 then c_in else 0;
    face[2, k] = Chromatography.limitedFace(2*face[1, k] - c[1, k], c[1, k], c[2, k], c_small);
    face[n_cells + 1, k] = c[n_cells, k];
    glycan[k] = c[n_cells, k]/c_out;
  end for;
  for i in 2:n_cells - 1 loop
    for k in 1:33 loop
      face[i + 1, k] = Chromatography.limitedFace(c[i - 1, k], c[i, k], c[i + 1, k], c_small);
    end for;
  end for;
  for i in 1:n_cells loop
    for e in 1:7 loop
      cell[i].v[e] = density[i, e]*v[e];
    end for;
    for k in 1:33 loop
      cell[i].c[k] = c[i, k];
      der(c[i, k]) = n_cells/residence*(face[i, k] - face[i + 1, k]) + cell[i].change[k];
    end for;
  end for;
  c_out = sum(c[n_cells, :]);
  recovery = c_out/c_in;
  high_mannose = GolgiNetwork.high_mannose*glycan;
  hybrid = GolgiNetwork.hybrid*glycan;
  g0 = GolgiNetwork.g0*glycan;
  g1 = GolgiNetwork.g1*glycan;
  g2 = GolgiNetwork.g2*glycan;
  afucosylated = 1 - GolgiNetwork.fucose*glycan;
  sialylation = GolgiNetwork.sialic_acid*glycan;
  galactose_content = n_sites*(GolgiNetwork.galactose*glycan);
  annotation(Documentation(info="<html>
<p>The Golgi as a tube that cargo passes while its enzymes stay where they are, each spread around its place.</p>
<h4>Equations</h4>
<p>&part;c/&part;t + (1/&tau;) &part;c/&part;z = turnover(c, v(z)) (<a
href=\"modelica://BioProcess.Quality.golgiTurnover\">golgiTurnover</a>), in cells with the faces of
<a href=\"modelica://BioProcess.Chromatography.limitedFace\">limitedFace</a>: of second order, nothing negative.</p>
<h4>Assumptions</h4>
<p>No axial mixing. At the start the Golgi is full of Man9, which leaves within a residence time.</p>
<h4>Limitations</h4>
<p>33 states for each cell make it slow: <a href=\"modelica://BioProcess.Quality.LumpedGlycosylation\">LumpedGlycosylation</a>
is its fast form.</p>
<h4>Validation</h4>
<p>Case glycosylation, against scipy along the Golgi.</p>
<h4>References</h4>
<p>Del Val, Nagy and Kontoravdi 2011, Biotechnology Progress 27:1730.</p>
</html>"));
end GolgiPlugFlow;
