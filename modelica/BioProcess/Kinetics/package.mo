within BioProcess;
package Kinetics "Rate laws of cells"
  extends Icons.Package;
  annotation(Documentation(info="<html>
<p>Functions are elementary rate laws; models give what cells make and consume per volume.</p>
</html>"));
end Kinetics;
