within BioProcess.Tests;
model SettlingArea "Equivalent settling area of a disk stack"
  extends Icons.Example;
  parameter Units.Number n = 100 "Disks";
  parameter Units.Length r_outer = 0.15 "Outer radius of the disks";
  parameter Units.Length r_inner = 0.05 "Inner radius of the disks";
  parameter Units.AngularVelocity omega = 628.3185307179587 "Angular velocity: 6,000 per minute";
  parameter Units.Angle theta = 0.6981317007977318 "Half angle of the disks: 40 degrees";
  output Units.Area Sigma "Equivalent settling area";
  output Units.Fraction fine "Carry-over of particles of the critical diameter";
equation
  Sigma = Separation.settlingArea(n, r_outer, r_inner, omega, theta);
  fine = Separation.carryOver(9.80665*50*1e-12/(18*1e-3)*Sigma, Sigma, 1, 1e-6, 50, 1e-3);
  assert(abs(Sigma*3*9.80665*tan(theta)/(2*3.14159265358979*n*omega^2*(r_outer^3 - r_inner^3)) - 1) < 1e-9, "The settling area is off the closed form.");
  assert(abs(fine - exp(-0.865^2.08)) < 1e-9, "The grade efficiency is off its definition.");
  annotation(experiment(StopTime=1));
end SettlingArea;
