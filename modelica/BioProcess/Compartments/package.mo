within BioProcess;
package Compartments "Reactors that are not well mixed"
  extends Icons.Package;
  annotation(Documentation(info="<html>
<p>Zones with flows between them, as computational fluid dynamics gives them.</p>
</html>"));
end Compartments;
