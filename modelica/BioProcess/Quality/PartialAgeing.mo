within BioProcess.Quality;
partial model PartialAgeing "Quality of the antibody that a culture makes"
  input Species.Concentrations c "Concentrations in the broth";
  input Units.Temperature T "Temperature of the broth";
  input Units.PH pH "pH of the broth";
  input Real mab_made(unit="kg/(m3.s)") "Antibody that the cells make, per volume";
  output Species.Rates made "Made per volume, beside what the cells make";
  output Species.Rates consumed "Consumed per volume, beside what the cells consume";
  annotation(Documentation(info="<html>
<p>Variants are part of the antibody (<a href=\"modelica://BioProcess.Species.MabAcidic\">MabAcidic</a>), aggregates are
not.</p>
</html>"));
end PartialAgeing;
