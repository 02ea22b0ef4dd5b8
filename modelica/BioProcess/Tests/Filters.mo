within BioProcess.Tests;
model Filters "Centrate through a depth filter, then through a sterile filter"
  extends Icons.Example;
  Feeds.DemandSource centrate "What a centrifuge leaves over";
  Feeds.DemandSource product "Sterile filtration of a product";
  Vessels.Plug plugs[2] "No buffer";
  Fmus.DepthFilter depth "Depth filter";
  Fmus.SterileFilter sterile "Sterile filter";
  output Units.MassConcentration dna "DNA behind the depth filter";
  output Units.Mass missing(min=-1) "Antibody that the balance of the sterile filter misses";
protected
  Units.Mass entered(start=0, fixed=true, nominal=1) "Antibody that has entered the sterile filter";
equation
  connect(centrate.port, depth.feed);
  connect(product.port, sterile.feed);
  connect(plugs[1].port, depth.buffer);
  connect(plugs[2].port, sterile.buffer);
  centrate.c = Species.vector(cells_dead=5e10, debris=0.05, mab=4, mab_acidic=0.8, hcp=0.3, dna=0.02);
  product.c = Species.vector(mab=100, histidine=20, sucrose=200);
  depth.pressure = 1e4;
  sterile.pressure = if sterile.throughput < 0.3 then 1e5 else 0;
  dna = depth.permeate.c_dna;
  der(entered) = sterile.feed.V_flow*100;
  missing = entered - sterile.held_mab - sterile.permeate.m_mab_total;
  assert(abs(missing) < 1e-6, "The sterile filter loses antibody.");
  when time >= 3600 then
    assert(dna < 0.1*0.02*1.3, "The depth filter does not hold back the DNA.");
    assert(abs(depth.permeate.c_mab_acidic/depth.permeate.c_mab - 0.2) < 1e-9,
      "The depth filter splits charge variants.");
    assert(sterile.held_mab < 0.0003*100 + 0.005*0.2 + 1e-9, "The membrane takes up more than its capacity.");
  end when;
  annotation(experiment(StopTime=3600, Tolerance=1e-8, Interval=60));
end Filters;
