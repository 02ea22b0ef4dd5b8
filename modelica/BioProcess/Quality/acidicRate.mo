within BioProcess.Quality;
function acidicRate "Rate at which the main form of an antibody turns acidic"
  input Units.Temperature T "Temperature";
  input Units.PH pH "pH";
  input Data.AntibodyStability data "Rates";
  output Units.SpecificRate k "Rate";
algorithm
  k := data.k_acidic*Formulation.arrhenius(T, data.T_nominal, data.E_acidic)*10^(data.slope_acidic*(pH - data.pH_nominal));
  annotation(Documentation(info="<html>
<p>Deamidation: of first order, after Arrhenius, and catalysed by base, so near neutral a decade faster for each unit of
pH where slope_acidic is 1.</p>
</html>"));
end acidicRate;
