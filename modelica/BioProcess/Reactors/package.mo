within BioProcess;
package Reactors "Bioreactors"
  extends Icons.Package;
  annotation(Documentation(info="<html>
<p>Amounts and volume are the states, so that balances close whatever the tolerance of the solver.</p>
</html>"));
end Reactors;
