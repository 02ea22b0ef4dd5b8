within BioProcess.UsersGuide;
package Nomenclature "Symbols"
  extends Icons.Information;
  annotation(Documentation(info="<html>
<table>
<tr><td>c</td><td>concentration in the stream, broth or liquid</td></tr>
<tr><td>m</td><td>amount: kg, mol or cells</td></tr>
<tr><td>q</td><td>rate per cell in kinetics; loading per volume of solid in columns</td></tr>
<tr><td>mu, mu_d</td><td>growth and death rate</td></tr>
<tr><td>Y</td><td>yield</td></tr>
<tr><td>K, KI</td><td>half saturation, half inhibition</td></tr>
<tr><td>V, V_flow</td><td>volume, volume flow</td></tr>
<tr><td>k_ads, k_des</td><td>rates of adsorption and desorption</td></tr>
<tr><td>Sigma</td><td>equivalent settling area</td></tr>
<tr><td>_flow, _total, _start, _small</td><td>per time; since the start; at the start; below which a quantity is as good as none</td></tr>
</table>
</html>"));
end Nomenclature;
