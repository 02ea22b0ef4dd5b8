within BioProcess;
package Filtration "Filters and membranes"
  extends Icons.Package;
  annotation(Documentation(info="<html>
<p>Filters that all of the liquid passes, and membranes along which it flows: depth, virus and sterile filters,
ultrafiltration and diafiltration.</p>
</html>"));
end Filtration;
