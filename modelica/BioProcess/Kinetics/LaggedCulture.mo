within BioProcess.Kinetics;
model LaggedCulture "The culture after a passage or a thaw: a lag, and death that comes late"
  extends MabCulture(
    growth_factor=1/(1 + (exp(mu_max*lag) - 1)*exp(-mu_max*noEvent(max(age, 0)))),
    mu_stress=mu_late*exp(-noEvent(max(age, 0))/t_late));
  parameter Units.Time lag(min=0, max=864000) = 0 "Lag: the delay that the growth of the first cells suffers";
  parameter Units.SpecificRate mu_late(min=0, max=1e-3) = 0 "Death rate just after a thaw, beside that of the culture";
  parameter Units.Time t_late(min=60) = 43200 "Time in which late death fades to 1/e: 12 h, calibrated";
  annotation(Documentation(info="<html>
<p>Cells are ready to divide one after the other; damage of freezing kills some of them hours after the thaw.</p>
<h4>Equations</h4>
<p>&mu; = &mu;(culture) &middot; &alpha;, &alpha; = 1/(1 + (e<sup>&mu;<sub>max</sub> lag</sup> &minus; 1)
e<sup>&minus;&mu;<sub>max</sub> age</sup>): the adjustment function of Baranyi and Roberts with its rate equal to
&mu;<sub>max</sub>. Without limitation X = X<sub>0</sub> (1 + q<sub>0</sub> e<sup>&mu;<sub>max</sub> t</sup>)/(1 +
q<sub>0</sub>) with q<sub>0</sub> = 1/(e<sup>&mu;<sub>max</sub> lag</sup> &minus; 1).
Late death falls exponentially.</p>
<h4>References</h4>
<p>Baranyi and Roberts 1994, doi:10.1016/0168-1605(94)90157-0.</p>
</html>"));
end LaggedCulture;
