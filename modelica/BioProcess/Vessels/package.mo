within BioProcess;
package Vessels "Tanks and valves"
  extends Icons.Package;
  annotation(Documentation(info="<html>
<p>Units that hold and divert.</p>
</html>"));
end Vessels;
