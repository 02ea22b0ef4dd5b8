within BioProcess.Tests;
model DailyFeeds "A feed a day from day 2, as large as the missing glucose asks for"
  extends Icons.Example;
  Feeds.BolusFeeder feeder "Feeder";
equation
  feeder.measured = if time < 5*86400 then 20 elseif time < 8*86400 then 100 else 0;
  when time >= 1.9*86400 then
    assert(feeder.outlet.V_total < 1e-12, "The feeder feeds before day 2.");
  end when;
  when time >= 4.9*86400 then
    assert(abs(feeder.outlet.V_total - 3*3.54e-3*12.6) < 1e-6, "Three feeds do not make up for the missing glucose.");
  end when;
  when time >= 7.9*86400 then
    assert(abs(feeder.outlet.V_total - 3*3.54e-3*12.6 - 3*0.005) < 1e-6, "Ample glucose does not get the smallest dose.");
  end when;
  when time >= 9.9*86400 then
    assert(
      abs(feeder.outlet.V_total - 3*3.54e-3*12.6 - 3*0.005 - 2*0.0521) < 1e-6,
      "No glucose does not get the largest dose.");
    assert(abs(feeder.outlet.m_glucose_total - 176*feeder.outlet.V_total) < 1e-6, "The feed has another composition.");
  end when;
  annotation(experiment(StopTime=864000, Interval=3600));
end DailyFeeds;
