within BioProcess.Kinetics;
function saturation "Monod term"
  input Real c "Concentration";
  input Real K "Concentration at which the term is one half, in the unit of c";
  output Units.Number f "Between 0 and 1";
algorithm
  f := max(c, 0)/(K + max(c, 0));
  annotation(Documentation(info="<html>
<p>f = c/(K + c). Source: Monod 1949, doi:10.1146/annurev.mi.03.100149.002103.</p>
</html>"));
end saturation;
