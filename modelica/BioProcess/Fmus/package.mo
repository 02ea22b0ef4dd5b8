within BioProcess;
package Fmus "The blocks that are exported, one FMU each"
  extends Icons.Package;
  annotation(Documentation(info="<html>
<p>Top-level blocks with causal connectors. Their variables have SI units.</p>
</html>"));
end Fmus;
