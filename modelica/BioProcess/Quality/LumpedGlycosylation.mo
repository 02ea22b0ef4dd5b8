within BioProcess.Quality;
block LumpedGlycosylation "Glycans in lumped forms, algebraic"
  extends PartialGlycosylation;
  parameter Units.Number reach[4](each min=0) = {0.973, 0.939, 0.982, 0.818}
    "Share of GnTI, FucT, GalT and SiaT that meets its substrate: calibrated to GolgiPlugFlow";
protected
  constant Real root_2_pi = 2.5066282746310002 "Area under a normal curve of unit height and width";
  Units.Fraction kept_fucose "Glycans with an antenna that FucT misses";
  Units.Fraction kept_first "First arms that GalT misses";
  Units.Fraction kept_second "Second arms that GalT misses";
  Units.Number galactose "Galactoses per glycan, capped or not";
  Units.Fraction kept_galactose "Galactoses that SiaT does not cap";
equation
  high_mannose = survivingShare(reach[1]*root_2_pi*width[2]*v[2]*residence/K[2], c_in/K[2], 0);
  hybrid = 0;
  kept_fucose = survivingShare(reach[2]*root_2_pi*width[4]*v[4]*residence/K[4], c_in*(1 - high_mannose)/K[4], 0);
  kept_first = survivingShare(
    reach[3]*root_2_pi*width[6]*v[6]*residence/K[6], c_in*(1 - high_mannose)/K[6], c_in*(1 - high_mannose)/K[7]);
  kept_second = kept_first^(K[6]/K[7]);
  galactose = (1 - high_mannose)*(2 - kept_first - kept_second);
  kept_galactose = survivingShare(reach[4]*root_2_pi*width[7]*v[7]*residence/K[8], c_in*galactose/K[8], 0);
  g0 = (1 - high_mannose)*kept_first*kept_second;
  g1 = (1 - high_mannose)*(kept_first + kept_second - 2*kept_first*kept_second);
  g2 = (1 - high_mannose)*(1 - kept_first)*(1 - kept_second);
  afucosylated = high_mannose + (1 - high_mannose)*kept_fucose;
  galactose_content = n_sites*galactose*kept_galactose;
  annotation(Documentation(info="<html>
<p>Four enzymes, one after the other, each in plug flow with its substrates competing.</p>
<h4>Equations</h4>
<p>What GnTI, FucT, GalT and SiaT miss follows from
<a href=\"modelica://BioProcess.Quality.survivingShare\">survivingShare</a> with the capacity
&radic;(2&pi;) w v &tau;/K. The second arm is taken K<sub>1</sub>/K<sub>2</sub> times as fast as the first. Both arms are
independent: g0 = x<sub>1</sub> x<sub>2</sub>.</p>
<h4>Assumptions</h4>
<p>Man9 becomes Man5 and the second antenna is made in full: there are no hybrid glycans. At rest with the conditions.</p>
<h4>Limitations</h4>
<p>The load of GalT assumes that its second arm is twice as fast. Agrees with GolgiPlugFlow within 0.015 in each form for
glucose 0.5 to 40 mol/m3, ammonia 0 to 15 mol/m3, 30 to 38 degC, pH 6.8 to 7.3 and productivity 0.05 to 0.6 fg/s.</p>
<h4>Validation</h4>
<p>Case reduced glycosylation, against GolgiPlugFlow.</p>
</html>"));
end LumpedGlycosylation;
