within BioProcess.Quality;
function aggregationRate "Rate at which antibody aggregates, per antibody"
  input Units.Temperature T "Temperature";
  input Units.PH pH "pH";
  input Units.MassConcentration c_mab "Antibody";
  input Data.AntibodyStability data "Rates";
  output Units.SpecificRate k "Rate";
algorithm
  k := (data.k_aggregation_first + data.k_aggregation*max(c_mab, 0))
    *Formulation.arrhenius(T, data.T_nominal, data.E_aggregation)*10^(data.slope_aggregation*(pH - data.pH_nominal));
  annotation(Documentation(info="<html>
<p>First order where molecules unfold one by one, second order where they meet: k = (k<sub>1</sub> + k<sub>2</sub> c)
exp(E/R (1/T<sub>nominal</sub> &minus; 1/T)) 10<sup>s (pH &minus; pH<sub>nominal</sub>)</sup>.</p>
</html>"));
end aggregationRate;
