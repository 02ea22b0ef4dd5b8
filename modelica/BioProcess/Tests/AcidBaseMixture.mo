within BioProcess.Tests;
model AcidBaseMixture "pH of acetate and tris mixed, from the charge balance"
  extends Icons.Example;
  parameter Units.Volume V_acetate = 0.1 "Volume of the acetate";
  parameter Units.Volume V_tris = 0.004 "Volume of the tris base";
  parameter Units.PH pH_acetate = 3.60 "pH of the acetate";
  parameter Units.Molarity c_acetate = 50 "Acetate";
  parameter Units.Molarity c_tris = 1000 "Tris base";
  output Units.PH pH "pH of the mixture";
  output Units.Conductivity kappa "Conductivity of the mixture";
  output Units.PH pH_lagged(start=7, fixed=true) "pH as a state that runs to the balance";
protected
  Species.Concentrations c "Composition of the mixture";
  Units.Molarity sodium "Sodium in the acetate, which makes its pH";
equation
  sodium = -Media.chargeAtPh(pH_acetate, Species.vector(acetate=c_acetate));
  c = Species.vector(sodium=sodium*V_acetate/(V_acetate + V_tris), acetate=c_acetate*V_acetate/(V_acetate + V_tris),
    tris=c_tris*V_tris/(V_acetate + V_tris));
  pH = Media.pH(c);
  kappa = Media.conductivity(pH, c);
  der(pH_lagged) = Chromatography.relaxation(pH_lagged, c, 1);
  when time >= 30 then
    assert(abs(pH_lagged - pH) < 1e-4, "The lagged pH does not reach the balance.");
  end when;
  assert(abs(pH - 5.53904) < 1e-4 or abs(V_tris - 0.004) > 1e-9 or abs(V_acetate - 0.1) > 1e-9
    or abs(pH_acetate - 3.6) > 1e-9 or abs(c_acetate - 50) > 1e-9 or abs(c_tris - 1000) > 1e-9, "The pH of the mixture is off the charge balance.");
  annotation(
    experiment(StopTime=40, Interval=1),
    Documentation(info="<html>
<p>100 L of 50 mM acetate at pH 3.60 plus 4 L of 1 M tris base: pH 5.539. Mixing hydrogen ions instead would give 3.617.</p>
</html>"));
end AcidBaseMixture;
