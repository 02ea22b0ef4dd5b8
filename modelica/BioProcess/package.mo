within;
package BioProcess "Unit operations of a bioprocess plant, from the bioreactor to the drug substance"
  annotation(version="0.1.0", Documentation(info="<html>
<p>The library is self-contained: it brings its own units, connectors and media and needs no Modelica Standard Library.
Start with the <a href=\"modelica://BioProcess.UsersGuide\">User's Guide</a>.</p>
</html>"));
end BioProcess;
