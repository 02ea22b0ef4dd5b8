within BioProcess;
package Interfaces "Connectors and what units have in common"
  extends Icons.Package;
  annotation(Documentation(info="<html>
<p>Connectors with the same species everywhere, their vector views, and partial models of what a unit holds, makes and consumes.</p>
</html>"));
end Interfaces;
