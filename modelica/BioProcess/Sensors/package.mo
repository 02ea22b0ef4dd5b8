within BioProcess;
package Sensors "Probes and analysers"
  extends Icons.Package;
  annotation(Documentation(info="<html>
<p>What an instrument shows, rather than what there is. Noise belongs to the flowsheet, not to the model.</p>
</html>"));
end Sensors;
