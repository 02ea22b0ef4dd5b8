within BioProcess;
package Formulation "Formulation, hold and fill"
  extends Icons.Package;
  annotation(Documentation(info="<html>
<p>From the retentate of ultrafiltration to filled bulk.</p>
</html>"));
end Formulation;
