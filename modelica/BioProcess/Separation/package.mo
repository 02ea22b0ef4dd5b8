within BioProcess;
package Separation "Centrifuge and chromatography"
  extends Icons.Package;
  annotation(Documentation(info="<html>
<p>Units that separate.</p>
</html>"));
end Separation;
