within BioProcess.Filtration;
model GelPolarisation "Flux limited by a gel of protein on the membrane"
  extends PartialFlux;
  parameter Units.Velocity k(min=0) = 5.555555555555556e-6 "Mass transfer: 20 L/(m2.h), calibrated";
  parameter Units.MassConcentration c_gel(min=1e-3) = 250 "Protein where nothing passes any more: customary, calibrated";
protected
  constant Units.MassConcentration c_small = 1e-6 "Protein that is as good as none";
equation
  flux = noEvent(max(0, min(permeability*pressure, k*log(c_gel/max(c, c_small)))));
  annotation(Documentation(info="<html>
<p>J = k ln(c<sub>gel</sub>/c), at most that of water and never negative.</p>
<h4>Assumptions</h4>
<p>Beyond some pressure the flux does not depend on it: more pressure makes a thicker gel.</p>
<h4>References</h4>
<p>Blatt et al. 1970, in Flinn, Membrane Science and Technology: film theory.</p>
</html>"));
end GelPolarisation;
