within BioProcess;
package UsersGuide "User's Guide"
  extends Icons.Information;
  annotation(Documentation(info="<html>
<p>BioProcess models the unit operations of a plant that makes an antibody: bioreactor, feeds, centrifuge, tanks, Protein A
column. Each block of <code>Fmus</code> becomes one FMU with causal connectors; a flowsheet is wired from FMUs. Inside one
model, outlets and inlets are joined with <code>Vessels.Pipe</code>, as the <code>Examples</code> show.</p>
</html>"));
end UsersGuide;
