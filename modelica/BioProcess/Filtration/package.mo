within BioProcess;
package Filtration "Membranes"
  extends Icons.Package;
  annotation(Documentation(info="<html>
<p>Ultrafiltration and diafiltration.</p>
</html>"));
end Filtration;
