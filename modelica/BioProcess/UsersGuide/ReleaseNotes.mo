within BioProcess.UsersGuide;
package ReleaseNotes "What changed"
  extends Icons.Information;
  annotation(Documentation(info="<html>
<p>0.1.0: bioreactor, feeder, centrifuge, tank, valve, buffers, Protein A column.</p>
</html>"));
end ReleaseNotes;
