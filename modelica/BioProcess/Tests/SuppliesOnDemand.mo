within BioProcess.Tests;
model SuppliesOnDemand "Supplies send what is asked for, by the receiver or by their input, and nothing else"
  extends Icons.Example;
  Fmus.MediumSupply medium "Medium";
  Fmus.HarvestSupply harvest "Harvest";
equation
  medium.demand = if time < 100 then 1e-5 else 0;
  medium.outlet.demand = 0;
  harvest.demand = -1e-6;
  harvest.outlet.demand = 3e-6;
  when time >= 199 then
    assert(abs(medium.outlet.V_total/1e-3 - 1) < 1e-9, "The medium does not flow as asked for.");
    assert(abs(medium.outlet.m_glucose_total/50e-3 - 1) < 1e-9, "The medium is not what its record says.");
    assert(abs(harvest.outlet.m_mab_total/(4.36*2e-6*time) - 1) < 1e-9, "The two demands of the harvest do not add up.");
  end when;
  annotation(experiment(StopTime=200, Interval=10));
end SuppliesOnDemand;
