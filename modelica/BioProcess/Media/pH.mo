within BioProcess.Media;
function pH "pH of a solution, from its charge balance"
  input Species.Concentrations c "Concentrations";
  output Units.PH value "pH";
protected
  Real low "Where the charge is positive";
  Real high "Where the charge is negative";
  Real step "Difference for the slope";
  Real slope "Slope of the charge over pH [mol/m3]";
algorithm
  low := -1;
  high := 15;
  for i in 1:16 loop
    value := (low + high)/2;
    if chargeAtPh(value, c) > 0 then
      low := value;
    else
      high := value;
    end if;
  end for;
  step := 1e-4;
  for i in 1:3 loop
    slope := (chargeAtPh(value + step, c) - chargeAtPh(value - step, c))/(2*step);
    value := value - chargeAtPh(value, c)/slope;
  end for;
  annotation(Documentation(info="<html>
<p>The charge falls strictly with pH, so 16 bisections find the pH to 2.5e-4 and three Newton steps the rest. The Newton
steps also give the function its right derivative. Valid between pH 0 and 14.</p>
</html>"));
end pH;
