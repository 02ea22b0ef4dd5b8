within BioProcess.UsersGuide;
package Conventions "Units, streams, balances"
  extends Icons.Information;
  annotation(Documentation(info="<html>
<ul>
<li>SI units everywhere; <code>displayUnit</code> is for people. Counts of cells have the unit 1.</li>
<li>A liquid port <code>P</code> has <code>P.V_flow</code>, <code>P.T</code> and <code>P.c_&lt;species&gt;</code> per volume of
the whole stream; an outlet also has <code>P.V_total</code>, <code>P.m_&lt;species&gt;_total</code> and
<code>P.H_total</code>, integrated as states since the start.</li>
<li>Every liquid port carries the same species, declared once in <code>Species</code>. Acids and bases travel as total
components; the pH follows from the charge balance in each unit.</li>
<li>No unit writes the position of a species: entries are named, as in <code>Species.vector(glucose=10)</code>, or found by
<code>Species.Glucose.index</code>. After a change of <code>Species</code>, <code>modelica/write_interfaces.py</code> writes
the connectors again.</li>
<li>The states are amounts and volumes, and a transfer appears as the same term in both balances that it joins: the
balances close to round-off whatever the tolerance of the solver.</li>
<li><code>held_&lt;species&gt;</code>, <code>made_&lt;species&gt;_total</code>, <code>consumed_&lt;species&gt;_total</code> and
the same for volume let a ledger check that. A component without <code>held_</code> outputs is outside the flowsheet.</li>
<li>The antigen of a microbial culture is one species, inside the cells and out: the share inside is that of whole cells
among whole and broken ones, <code>Disruption.antigenInside</code>, and goes where the cells go.</li>
<li>Volumes add. A reference enthalpy of zero at 0 degC and the heat capacity of water turn temperature into
<code>H_total</code>.</li>
<li>The sender sets the flow; <code>Vessels.Tank</code> delivers on demand as long as there are contents.</li>
<li>Every parameter has a unit and a source, or the word calibrated.</li>
</ul>
</html>"));
end Conventions;
