within BioProcess.Tests;
model BlockingLaws "Four filters at constant pressure, one for each law of blocking"
  extends Icons.Example;
  parameter Units.Velocity J_clean = 5.555555555555556e-5 "200 L/(m2.h)";
  parameter Units.SpecificRate K_complete = 1.388888888888889e-4 "0.5 1/h";
  parameter Units.BlockingConstant K_standard = 2 "0.002 m2/L";
  parameter Units.BlockingConstant K_intermediate = 2 "0.002 m2/L";
  parameter Units.CakeConstant K_cake = 3.6e4 "1e-5 h.m4/L2";
  constant Units.Length v_small = 1e-5 "Volume per area that is as good as none";
  Fmus.VirusFilter complete(area=1, p_nominal=1e5, J_clean=J_clean, K_intermediate=0, K_complete=K_complete) "Complete";
  Fmus.VirusFilter standard(area=1, p_nominal=1e5, J_clean=J_clean, K_intermediate=0, K_standard=K_standard) "Standard";
  Fmus.VirusFilter intermediate(area=1, p_nominal=1e5, J_clean=J_clean, K_intermediate=K_intermediate) "Intermediate";
  Fmus.VirusFilter cake(area=1, p_nominal=1e5, J_clean=J_clean, K_intermediate=0, K_cake=K_cake) "Cake";
  Feeds.DemandSource sources[4] "Water for each";
  Vessels.Plug plugs[4] "No buffer";
  output Units.Length v_complete "Volume per area";
  output Units.Length v_standard "Volume per area";
  output Units.Length v_intermediate "Volume per area";
  output Units.Length v_cake "Volume per area";
  output Units.Velocity J_complete "Flux";
  output Units.Velocity J_standard "Flux";
  output Units.Velocity J_intermediate "Flux";
  output Units.Velocity J_cake "Flux";
equation
  connect(sources[1].port, complete.feed);
  connect(plugs[1].port, complete.buffer);
  sources[1].c = zeros(Species.n);
  complete.pressure = 1e5;
  v_complete = complete.throughput;
  J_complete = complete.flux;
  connect(sources[2].port, standard.feed);
  connect(plugs[2].port, standard.buffer);
  sources[2].c = zeros(Species.n);
  standard.pressure = 1e5;
  v_standard = standard.throughput;
  J_standard = standard.flux;
  connect(sources[3].port, intermediate.feed);
  connect(plugs[3].port, intermediate.buffer);
  sources[3].c = zeros(Species.n);
  intermediate.pressure = 1e5;
  v_intermediate = intermediate.throughput;
  J_intermediate = intermediate.flux;
  connect(sources[4].port, cake.feed);
  connect(plugs[4].port, cake.buffer);
  sources[4].c = zeros(Species.n);
  cake.pressure = 1e5;
  v_cake = cake.throughput;
  J_cake = cake.flux;
  assert(abs(v_complete - J_clean/K_complete*(1 - exp(-K_complete*time))) < v_small,
    "Complete blocking is off its closed form.");
  assert(abs(v_standard - J_clean*time/(1 + K_standard*J_clean*time/2)) < v_small,
    "Standard blocking is off its closed form.");
  assert(abs(v_intermediate - log(1 + K_intermediate*J_clean*time)/K_intermediate) < v_small,
    "Intermediate blocking is off its closed form.");
  assert(abs(v_cake - (sqrt(1 + 2*K_cake*J_clean^2*time) - 1)/(K_cake*J_clean)) < v_small,
    "Cake filtration is off its closed form.");
  annotation(
    experiment(StopTime=7200, Tolerance=1e-9, Interval=60),
    Documentation(info="<html>
<p>Closed forms of Hermia 1982 at constant pressure.</p>
</html>"));
end BlockingLaws;
