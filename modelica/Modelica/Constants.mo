within Modelica;
package Constants "Mathematical and physical constants"
  extends Icons.Package;

  final constant Real e = 2.718281828459045 "Base of natural logarithms";
  final constant Real pi = 3.141592653589793 "Ratio of a circle's circumference to its diameter";
  final constant Real D2R(unit="rad/deg") = 0.017453292519943295 "Degree to radian";
  final constant Real R2D(unit="deg/rad") = 57.29577951308232 "Radian to degree";
  final constant Real eps = 2.220446049250313e-16 "Smallest number such that 1.0 + eps > 1.0";
  final constant Real small = 2.2250738585072014e-308 "Smallest positive normal number";
  final constant Real inf = 1.7976931348623157e308 "Largest number";
  final constant Integer Integer_inf = 2147483647 "Largest Integer";
  final constant Units.SI.Velocity c = 299792458 "Speed of light, SI Brochure 2019";
  final constant Units.SI.Acceleration g_n = 9.80665 "Standard gravity, ISO 80000-3";
  final constant Units.SI.ElectricCharge q = 1.602176634e-19 "Elementary charge, SI Brochure 2019";
  final constant Real h(unit="J.s") = 6.62607015e-34 "Planck constant, SI Brochure 2019";
  final constant Real k(unit="J/K") = 1.380649e-23 "Boltzmann constant, SI Brochure 2019";
  final constant Real N_A(unit="1/mol") = 6.02214076e23 "Avogadro constant, SI Brochure 2019";
  final constant Real R(unit="J/(mol.K)") = 8.31446261815324 "Molar gas constant, k N_A";
  final constant Real F(unit="C/mol") = 96485.33212331002 "Faraday constant, q N_A";
  final constant Real sigma(unit="W/(m2.K4)") = 5.670374419e-8 "Stefan-Boltzmann constant, CODATA 2018";
  final constant Units.SI.Temperature T_zero = -273.15 "Absolute zero in degC";
end Constants;
