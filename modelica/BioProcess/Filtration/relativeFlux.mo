within BioProcess.Filtration;
function relativeFlux "Flux of a clogging filter over that of the clean one, at the same pressure"
  input Units.Length v "Volume filtered per area";
  input Units.Velocity J_clean "Flux of the clean filter";
  input Units.SpecificRate K_complete "Constant of complete blocking";
  input Units.BlockingConstant K_standard "Constant of standard blocking";
  input Units.BlockingConstant K_intermediate "Constant of intermediate blocking";
  input Units.CakeConstant K_cake "Constant of cake filtration";
  output Units.Fraction flux "Flux over that of the clean filter";
algorithm
  flux := noEvent(max(1 - K_complete*v/J_clean, 0))*noEvent(max(1 - K_standard*v/2, 0))^2*exp(-K_intermediate*v)
    /(1 + K_cake*J_clean*v);
  annotation(Documentation(info="<html>
<p>Hermia's laws for constant pressure, written over the volume that has passed: J/J<sub>0</sub> = 1 &minus;
K<sub>b</sub>v/J<sub>0</sub>, (1 &minus; K<sub>s</sub>v/2)<sup>2</sup>, exp(&minus;K<sub>i</sub>v), 1/(1 + K<sub>c</sub>
J<sub>0</sub>v). So they also serve where the pressure changes. A constant of zero switches a law off; of several, the
fluxes multiply.</p>
<h4>References</h4>
<p>Hermia 1982, Transactions of the Institution of Chemical Engineers 60:183.</p>
</html>"));
end relativeFlux;
