within BioProcess.Species;
partial package PartialSpecies "What is declared of a species"
  constant Integer index "Position in the vectors of amounts and concentrations";
  constant String basis "Unit in which amounts are counted: kg, mol or count";
  constant Units.MolarMass molar_mass = 0 "Mass of one mole, zero for cells";
  constant Real carbon = 0 "Carbon [mol] in one kg, mole or cell";
  constant Real nitrogen = 0 "Nitrogen [mol] in one kg, mole or cell";
  constant Real charge = 0
    "Charge [mol] carried by one mole of the total component in its neutral or, for strong ions, only form";
  constant String location "broth, if it fills volume of its own, or liquid, if it is dissolved in what is left";
  constant Units.Volume volume = 0 "Volume of one cell";
  annotation(Documentation(info="<html>
<p>Acids and bases travel as total components, whatever their degree of dissociation. Their charge follows from the pH,
which each unit solves from the charge balance (<a href=\"modelica://BioProcess.Media.pH\">Media.pH</a>), and is
never transported. Therefore only strong ions declare a charge here.</p>
</html>"));
end PartialSpecies;
