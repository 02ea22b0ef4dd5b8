within BioProcess.Filtration;
function osmoticFlux "Flux at which pressure is balanced by resistance and osmosis"
  input Units.MassConcentration c "Protein in the bulk";
  input Units.Pressure pressure "Pressure across the membrane";
  input Units.Permeability permeability "Of the clean membrane";
  input Units.Velocity k "Mass transfer";
  input Units.OsmoticCoefficient1 a1 "Osmotic pressure per protein";
  input Units.OsmoticCoefficient2 a2 "Osmotic pressure per protein squared";
  input Units.OsmoticCoefficient3 a3 "Osmotic pressure per protein cubed";
  output Units.Velocity flux "Volume per area and time";
protected
  constant Real widest = 50 "Largest flux over mass transfer that is looked at: numerical";
  constant Units.MassConcentration c_small = 1e-6 "Protein that is as good as none";
  Units.MassConcentration c_film "Protein in the bulk, if it is not as good as none";
  Real low "Flux over mass transfer that is too small";
  Real high "Flux over mass transfer that is too large";
  Real x "Flux over mass transfer";
  Real w "Protein at the membrane [kg/m3]";
  Real excess "Flux that pressure would drive less the flux [m/s]";
  Real slope "Its slope [m/s]";
algorithm
  c_film := max(c, c_small);
  low := 0;
  high := min(permeability*max(pressure, 0)/k, widest);
  for i in 1:24 loop
    x := (low + high)/2;
    w := c_film*exp(x);
    excess := permeability*(pressure - w*(a1 + w*(a2 + w*a3))) - k*x;
    if excess > 0 then
      low := x;
    else
      high := x;
    end if;
  end for;
  x := (low + high)/2;
  for i in 1:2 loop
    w := c_film*exp(x);
    excess := permeability*(pressure - w*(a1 + w*(a2 + w*a3))) - k*x;
    slope := -permeability*w*(a1 + w*(2*a2 + w*3*a3)) - k;
    x := x - excess/slope;
  end for;
  flux := k*max(x, 0);
  flux := flux + max(1 - max(c, 0)/c_small, 0)*(permeability*max(pressure, 0) - flux);
  annotation(Documentation(info="<html>
<p>The excess falls strictly with the flux: bisections find it, two Newton steps refine it and give the derivative.
Without protein it is that of water; below c_small a straight line leads there, as the logarithm of nothing has no slope.</p>
</html>"));
end osmoticFlux;
