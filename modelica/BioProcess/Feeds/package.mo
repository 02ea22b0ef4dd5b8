within BioProcess;
package Feeds "Feeds and buffers"
  extends Icons.Package;
  annotation(Documentation(info="<html>
<p>Sources: they are outside the boundary of a flowsheet.</p>
</html>"));
end Feeds;
