within BioProcess;
package Tests "One behaviour each, against a closed form or a published result"
  extends Icons.Package;
  annotation(Documentation(info="<html>
<p>Each test asserts what it shows. The numbers and the accuracy reached are in the verification report.</p>
</html>"));
end Tests;
