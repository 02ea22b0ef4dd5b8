within BioProcess.Kinetics;
function inhibition "Non-competitive inhibition"
  input Real c "Concentration";
  input Real K "Concentration at which the term is one half, in the unit of c";
  output Units.Number f "Between 0 and 1";
algorithm
  f := K/(K + max(c, 0));
end inhibition;
