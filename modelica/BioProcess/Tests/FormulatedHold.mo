within BioProcess.Tests;
model FormulatedHold "Retentate gets sucrose, waits for a month at 25 degC, and is filled"
  extends Icons.Example;
  Fmus.FormulationTank tank(volume_start=0.05, mab_start=120, T_start=298.15, heel=0) "Tank";
  Fmus.FillLine line(heel=1e-4) "Filling line";
  Vessels.Plug plug "Nothing flows in";
  Vessels.PipeOnDemand pipe "Tank to line";
  output Units.Fraction aggregates "Aggregates in the tank";
  output Units.Fraction acidic "Acidic variants in the tank";
protected
  constant Units.Time month = 2592000 "Thirty days";
equation
  connect(plug.port, tank.inlet);
  connect(tank.outlet, pipe.from);
  connect(pipe.to, line.inlet);
  tank.stock_flow = if time < 1000 then 1e-5 else 0;
  tank.diluent_flow = 0;
  tank.T_jacket = 298.15;
  tank.demand = 0;
  pipe.demand = if time > month then 2e-5 else 0;
  line.filling = true;
  aggregates = tank.aggregates;
  acidic = tank.acidic;
  assert(abs(tank.made_sucrose_total - 2000*1e-5*min(time, 1000)) < 1e-3, "The stock brings another amount of sucrose.");
  when time >= 2000 then
    assert(abs(tank.sucrose - 2000/6) < 0.1, "The sucrose is not diluted as it should be.");
    assert(abs(tank.pH - 6) < 0.02, "The stock changes the pH.");
  end when;
  when time >= month then
    assert(abs(acidic - 0.0198) < 2e-4, "Acidic variants grow other than in first order.");
    assert(abs(aggregates - (1 - 1/(1 + 6.4e-12*100*month))) < 2e-5, "Aggregates grow other than in second order.");
  end when;
  when time >= month + 7000 then
    assert(abs(line.containers - 59.9*0.997) < 0.02, "The line fills another number of containers.");
    assert(line.volume < 1.02e-4, "The line does not run dry.");
  end when;
  annotation(experiment(StopTime=2601000, Interval=1000));
end FormulatedHold;
