within BioProcess;
package Interfaces "Connectors and what units have in common"
  extends Icons.Package;
  constant Units.VolumeFlowRate V_flow_back = 1e-9
    "Flow back that is as good as none: what the tolerance of a solver leaves where a flow has stopped";
  annotation(Documentation(info="<html>
<p>Connectors with the same species everywhere, their vector views, and partial models of what a unit holds, makes and consumes.</p>
</html>"));
end Interfaces;
