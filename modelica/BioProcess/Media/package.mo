within BioProcess;
package Media "Properties of aqueous broth and buffers"
  extends Icons.Package;

  constant Units.VolumetricHeatCapacity volumetricHeatCapacity = 4.18e6
    "Water at 25 degC: 997 kg/m3 times 4.18 kJ/(kg.K), CRC Handbook of Chemistry and Physics, rounded";
  constant Units.Temperature T_zero = 273.15 "Where enthalpy is zero: 0 degC, SI";
  constant Real pKa_acetate = 4.76 "Acetic acid, 25 degC, CRC Handbook of Chemistry and Physics";
  constant Real pKa_lactate = 3.86 "Lactic acid, 25 degC, CRC Handbook of Chemistry and Physics";
  constant Real pKa_ammonia = 9.25 "Ammonium, 25 degC, CRC Handbook of Chemistry and Physics";
  constant Real pKa_tris = 8.07 "Tris, 25 degC, CRC Handbook of Chemistry and Physics";
  constant Real pKa_carbonate[2] = {6.10, 10.33}
    "Apparent first constant of dissolved CO2 in medium, and second constant, CRC Handbook of Chemistry and Physics";
  constant Real pKa_phosphate[3] = {2.15, 7.20, 12.35}
    "Phosphoric acid, 25 degC, CRC Handbook of Chemistry and Physics";
  constant Real pKa_citrate[3] = {3.13, 4.76, 6.40}
    "Citric acid, 25 degC, CRC Handbook of Chemistry and Physics";
  constant Real pKa_histidine[3] = {1.80, 6.04, 9.33}
    "Histidine: carboxyl, imidazole and amino group, 25 degC, CRC Handbook of Chemistry and Physics";
  constant Real ionicProduct = 1e-8 "Of water at 25 degC [mol2/m6], CRC Handbook of Chemistry and Physics";

  annotation(Documentation(info="<html>
<p>Dissociation is ideal and at 25 degC: constants do not depend on temperature or ionic strength.</p>
</html>"));
end Media;
