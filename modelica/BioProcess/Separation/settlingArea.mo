within BioProcess.Separation;
function settlingArea "Equivalent settling area of a disk-stack centrifuge"
  input Units.Number n_disks "Number of disks";
  input Units.Length r_outer "Outer radius of the disks";
  input Units.Length r_inner "Inner radius of the disks";
  input Units.AngularVelocity omega "Angular velocity";
  input Units.Angle angle "Half-angle of the disks";
  output Units.Area Sigma "Equivalent settling area";
protected
  constant Real pi = 3.14159265358979 "Ratio of a circle's circumference to its diameter";
  constant Units.Acceleration g = 9.80665 "Standard gravity, ISO 80000-3";
algorithm
  Sigma := 2*pi*n_disks*omega*omega*(r_outer^3 - r_inner^3)/(3*g*tan(angle));
  annotation(Documentation(info="<html>
<p>&Sigma; = 2 &pi; n &omega;<sup>2</sup> (r<sub>2</sub><sup>3</sup> &minus; r<sub>1</sub><sup>3</sup>)/(3 g tan &theta;).
Source: Ambler 1959, Journal of Biochemical and Microbiological Technology and Engineering 1:185.</p>
</html>"));
end settlingArea;
