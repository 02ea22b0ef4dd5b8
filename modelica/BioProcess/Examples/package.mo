within BioProcess;
package Examples "Runnable examples"
  extends Icons.Package;
  annotation(Documentation(info="<html>
<p>Flowsheets inside one model.</p>
</html>"));
end Examples;
