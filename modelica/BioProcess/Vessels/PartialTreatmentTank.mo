within BioProcess.Vessels;
partial block PartialTreatmentTank "Tank with outflow on demand in which antibody is converted"
  extends PartialContents;
  Interfaces.LiquidOutletOnDemand outlet "Outlet";
  input Units.VolumeFlowRate demand(start=0, min=0, max=0.01) "Flow asked for at the outlet, in addition to outlet.demand";
  output Units.Fraction aggregates "Aggregates over antibody and aggregates";
protected
  Units.SpecificRate k_aggregation "Rate at which antibody aggregates";
  Species.Flows added "What the additions bring";
  Interfaces.OutletOnDemandVector outflow "Outlet";
equation
  connect(outlet, outflow.port);
  outflow.V_flow = noEvent(max(demand + outflow.demand, 0))*contents;
  outflow.T = T;
  outflow.c = c;
  leaving_flow = outflow.V_flow;
  leaving_m_flow = outflow.m_flow;
  held = m;
  aggregates = m[Species.MabAggregate.index]
    /noEvent(max(m[Species.MabAggregate.index] + m[Species.Mab.index], m_small));
  annotation(Documentation(info="<html>
<p>The outflow is what the receiver and <code>demand</code> ask for, as far as there are contents.</p>
</html>"));
end PartialTreatmentTank;
