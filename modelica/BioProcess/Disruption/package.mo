within BioProcess;
package Disruption "Breaking of microbial cells"
  extends Icons.Package;
  annotation(Documentation(info="<html>
<p>What a broken cell leaves behind, how many cells a homogeniser breaks, and where the antigen of a microbial culture is.</p>
</html>"));
end Disruption;
