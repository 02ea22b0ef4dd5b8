within BioProcess;
package Chromatography "Packed columns"
  extends Icons.Package;
  annotation(Documentation(info="<html>
<p>Columns are divided along their length. Amounts in each cell are the states, and the flux between two cells appears in
both their balances, so that nothing is lost whatever the tolerance of the solver.</p>
</html>"));
end Chromatography;
