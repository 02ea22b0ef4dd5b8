within BioProcess.Data;
record IonExchanger "An ion exchanger, and how proteins bind to it; in arrays the salt comes first"
  parameter Units.Molarity Lambda(min=1) "Ionic sites per volume of solid";
  parameter Units.Molarity c_reference(min=1) "Salt at which K holds";
  parameter Units.PH pH_reference "pH at which nu holds";
  parameter Units.SpecificRate k_transfer(min=0) "Film and pores, lumped";
  parameter Units.SpecificRate k_des(min=0) "Desorption at c_reference: numerical, much faster than the transport";
  parameter Units.MolarMass molar_mass[9](each min=1e-3) "Salt 1, antibody neither acidic nor basic, acidic, basic, aggregates, antigen, host cell protein, DNA, Protein A";
  parameter Units.Number K[9](each min=0) "Loading per solid over concentration at c_reference, resin empty";
  parameter Units.Number nu[9](each min=0) "Characteristic charges";
  parameter Units.Number nu_pH[9] "Their change per unit of pH";
  parameter Units.Number sigma[9](each min=0) "Sites shielded";
end IonExchanger;
