within BioProcess;
package Icons "Icons"
  annotation(Documentation(info="<html>
<p>What a class looks like in a diagram.</p>
</html>"));
end Icons;
