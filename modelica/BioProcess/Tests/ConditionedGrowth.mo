within BioProcess.Tests;
model ConditionedGrowth "Cultures whose conditions are given: at the optimum, and where nothing grows"
  extends Icons.Example;
  Fmus.ConditionedReactor best "At the optimum of temperature and pH, much oxygen";
  Fmus.ConditionedReactor cold "At the temperature below which nothing grows";
  Fmus.ConditionedReactor stifled "Without oxygen";
  Vessels.Plug plugs[6] "Nothing flows in";
protected
  Real sum_best(start=0, fixed=true) "Integral of the growth rate less that of death";
equation
  connect(plugs[1].port, best.feed);
  connect(plugs[2].port, best.inoculum);
  connect(plugs[3].port, cold.feed);
  connect(plugs[4].port, cold.inoculum);
  connect(plugs[5].port, stifled.feed);
  connect(plugs[6].port, stifled.inoculum);
  best.temperature = 309.95;
  best.pH = 7;
  best.oxygen = 1;
  cold.temperature = 301.15;
  cold.pH = 7;
  cold.oxygen = 1;
  stifled.temperature = 309.95;
  stifled.pH = 7;
  stifled.oxygen = 0;
  best.harvest_flow = 0;
  cold.harvest_flow = 0;
  stifled.harvest_flow = 0;
  best.bolus = false;
  cold.bolus = false;
  stifled.bolus = false;
  best.galactose_content = 0.8;
  cold.galactose_content = 0.8;
  stifled.galactose_content = 0.8;
  best.high_mannose_content = 0.06;
  cold.high_mannose_content = 0.06;
  stifled.high_mannose_content = 0.06;
  der(sum_best) = best.growth_rate;
  assert(abs(cold.growth_rate) < 1e-12, "Cells grow in the cold.");
  assert(abs(stifled.growth_rate) < 1e-12, "Cells grow without oxygen.");
  when time >= 172000 then
    assert(best.viable_cells > 3*5e11, "Cells do not grow at the optimum.");
    assert(best.viable_cells < 5e11*exp(sum_best), "Cells grow faster than their growth rate.");
    assert(abs(cold.titre) > 0, "Cold cells make nothing.");
  end when;
  annotation(experiment(StopTime=172800, Interval=3600));
end ConditionedGrowth;
