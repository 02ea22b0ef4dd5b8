within BioProcess.Reactors;
block FedBatch "Fed-batch reactor whose pH is held by carbon dioxide"
  extends PartialFedBatch(redeclare BioProcess.Quality.CultureAgeing quality, pH_broth=pH);
  parameter Units.PH pH_set(min=0, max=14) = 7.0 "Set point of pH: customary";
  parameter Units.SpecificRate k_pH(min=0) = 1e-3 "Speed of the control of pH: calibrated";
  input Units.Number galactose_content(start=0.8, min=0, max=4) "Terminal galactose per antibody that is made, in moles";
  input Units.Number high_mannose_content(start=0.06, min=0, max=2) "High-mannose glycans per antibody that is made, in moles";
  output Units.PH pH "pH";
protected
  constant Units.Molarity c_small = 0.1 "Carbonate below which no more can be stripped: numerical";
  Units.MolarVolumetricRate r_carbonate "Carbon dioxide that the control of pH adds";
equation
  quality.galactose_content = galactose_content;
  quality.high_mannose_content = high_mannose_content;
  pH = Media.pH(c);
  r_carbonate = k_pH*Media.chargeAtPh(pH_set, c)/Media.dissociationOfCarbonate(10^(3 - pH_set));
  made_control = Species.vector(carbonate=noEvent(max(r_carbonate, 0)));
  consumed_control = Species.vector(carbonate=noEvent(max(-r_carbonate,
    0))*BioProcess.Kinetics.saturation(c[Species.Carbonate.index], c_small));
  annotation(Documentation(info="<html>
<p>Carbon dioxide is sparged or stripped in proportion to the charge that is left over at the set point, as in a
bicarbonate-buffered culture without addition of base.</p>
<h4>Limitations</h4>
<p>When the bicarbonate is used up the pH falls: there is no base. Carbon dioxide from respiration is part of what the
control strips. Both cross the boundary of the flowsheet and count as in and out.</p>
</html>"));
end FedBatch;
