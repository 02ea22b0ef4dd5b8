within BioProcess;
package Controls "Controllers"
  extends Icons.Package;
  annotation(Documentation(info="<html>
<p>Proportional and integral control with limits, without windup, bumpless between manual and automatic.</p>
</html>"));
end Controls;
