within BioProcess;
package GasTransfer "Transfer of oxygen and carbon dioxide between gas and broth"
  extends Icons.Package;
  annotation(Documentation(info="<html>
<p>Correlations of the transfer coefficient, solubilities, and the balance of a gas that passes a broth.</p>
</html>"));
end GasTransfer;
