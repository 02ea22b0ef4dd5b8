within BioProcess;
package Species "The species that every liquid stream carries"
  extends Icons.Package;

  type Amounts = Real[29](each min=0) "Amount of each species [1, mol or kg], in the order of their index";
  type Concentrations = Real[29] "Amount of each species per volume of the stream [1/m3, mol/m3 or kg/m3]";
  type Flows = Real[29] "Amount of each species per time [1/s, mol/s or kg/s]";
  type Rates = Real[29] "Amount of each species per volume and time [1/(m3.s), mol/(m3.s) or kg/(m3.s)]";

  constant Integer n = 29 "Number of species";
  constant Concentrations c_nominal = {1e13, 1e12, 1, 10, 10, 1, 1, 10, 10, 5, 20, 100, 1, 0.1, 0.1, 0.01, 0.001,
    0.1, 1, 0.1, 0.01, 0.001, 100, 100, 50, 25, 5, 10, 10}
    "Typical concentrations: they scale the tolerances of the solver";

  annotation(Documentation(info="<html>
<p>Every liquid connector carries the same species. Each has one file that declares its basis (kg, mol or count), molar
mass, carbon, nitrogen, charge and where it sits. <code>modelica/write_interfaces.py</code> writes
<code>Resources/species.json</code>, the connectors and all else that repeats every species from these files.</p>
<p>Concentrations are per volume of the whole stream, cells included, so that flow times concentration is what a stream
carries.</p>
</html>"));
end Species;
