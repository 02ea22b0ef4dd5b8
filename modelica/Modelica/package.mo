within;
package Modelica "The parts of the Modelica Standard Library that users' models import most"
  extends Icons.Package;
  annotation(version="4.0.0", Documentation(info="<html>
<p>Units, constants, block connectors and icons under the names of the Modelica Standard Library 4.0.0, written anew. It
stands in where no Modelica Standard Library is on <code>MODELICAPATH</code>.</p>
</html>"));
end Modelica;
