within BioProcess;
package VirusSafety "Inactivation of viruses"
  extends Icons.Package;
  annotation(Documentation(info="<html>
<p>Viruses are followed as what survives of those fed, on a logarithmic scale: their number is so small that it is no
species of a balance.</p>
</html>"));
end VirusSafety;
