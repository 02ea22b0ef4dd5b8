within BioProcess;
package SeedTrain "From the vial to the inoculum of the production reactor"
  extends Icons.Package;
  annotation(Documentation(info="<html>
<p>A thaw and passages, each of which dilutes what it receives and sends on what the next one needs.</p>
</html>"));
end SeedTrain;
