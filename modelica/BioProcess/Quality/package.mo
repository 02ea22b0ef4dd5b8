within BioProcess;
package Quality "What becomes of the antibody: glycans, charge variants, aggregates"
  extends Icons.Package;
  annotation(Documentation(info="<html>
<p>Glycans are attached in the cell and stay as they are; charge variants and aggregates form wherever antibody is.</p>
</html>"));
end Quality;
