within BioProcess.Chromatography;
package Isotherms "How solutes bind"
  extends Icons.Package;
  annotation(Documentation(info="<html>
<p>Each gives the rate of binding at several points of a column from concentrations and loadings there.</p>
</html>"));
end Isotherms;
