within BioProcess.Reactors;
block Conditioned "Fed-batch reactor whose temperature, pH and oxygen are given"
  extends PartialFedBatch(
    redeclare BioProcess.Kinetics.ConditionedMabCulture kinetics,
    redeclare BioProcess.Quality.CultureAgeing quality,
    T_broth=temperature,
    pH_broth=pH);
  input Units.Temperature temperature(start=T, min=273.15, max=353.15) "Temperature of the broth";
  input Units.PH pH(start=7, min=0, max=14) "pH";
  input Units.Fraction oxygen(start=0.4, min=0, max=5) "Dissolved oxygen over that under air at 1 atm";
  input Units.Number galactose_content(start=0.8, min=0, max=4) "Terminal galactose per antibody that is made, in moles";
  input Units.Number high_mannose_content(start=0.06, min=0, max=2) "High-mannose glycans per antibody that is made, in moles";
protected
  constant Units.Fraction oxygen_air = 0.2095 "Oxygen in dry air: CRC Handbook of Chemistry and Physics";
  constant Units.Pressure p_standard = 101325 "One atmosphere, SI";
equation
  quality.galactose_content = galactose_content;
  quality.high_mannose_content = high_mannose_content;
  kinetics.T = temperature;
  kinetics.pH = pH;
  kinetics.oxygen = oxygen*GasTransfer.solubilityOfOxygen(temperature)*oxygen_air*p_standard;
  made_control = zeros(Species.n);
  consumed_control = Species.vector(carbonate=noEvent(max(kinetics.made[Species.Carbonate.index]
    - kinetics.consumed[Species.Carbonate.index], 0)));
  annotation(Documentation(info="<html>
<p>What controllers hold is given, so that nothing stiff is left: a forecast over days takes a hundredth of the time that
<a href=\"modelica://BioProcess.Reactors.Aerated\">Aerated</a> with its controllers takes. The states of both have the
same names.</p>
<h4>Assumptions</h4>
<p>Controllers hold temperature, pH and oxygen where they are given. Base adds no volume. The carbon dioxide that cells
make is stripped at once.</p>
</html>"));
end Conditioned;
