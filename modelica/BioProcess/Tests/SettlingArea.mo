within BioProcess.Tests;
model SettlingArea "Equivalent settling area of a disk stack"
  extends Icons.Example;
  output Units.Area Sigma "Equivalent settling area";
  output Units.Fraction fine "Carry-over of particles of the critical diameter";
equation
  Sigma = Separation.settlingArea(100, 0.15, 0.05, 628.3185307179587, 0.6981317007977318);
  fine = Separation.carryOver(9.80665*50*1e-12/(18*1e-3)*Sigma, Sigma, 1, 1e-6, 50, 1e-3);
  assert(abs(Sigma/32656.339739 - 1) < 1e-9, "The settling area is off the closed form.");
  assert(abs(fine - exp(-0.865^2.08)) < 1e-9, "The grade efficiency is off its definition.");
  annotation(experiment(StopTime=1));
end SettlingArea;
