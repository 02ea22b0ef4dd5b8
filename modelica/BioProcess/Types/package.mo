within BioProcess;
package Types "Enumerations"
  extends Icons.Package;
  annotation(Documentation(info="<html>
<p>Choices, written out in words.</p>
</html>"));
end Types;
