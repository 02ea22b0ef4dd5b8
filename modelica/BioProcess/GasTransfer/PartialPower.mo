within BioProcess.GasTransfer;
partial model PartialPower "Power law in power per volume and gas velocity"
  extends PartialCorrelation;
  parameter Units.Number K(min=0) "Constant, in SI";
  parameter Units.Number alpha(min=0) "Exponent of the power per volume";
  parameter Units.Number beta(min=0) "Exponent of the gas velocity";
  parameter Units.Number calibration(min=0) = 1 "Measured over computed coefficient";
  parameter Units.PowerPerVolume P_V_low = 500 "Least power of the measurements: van 't Riet 1979, doi:10.1021/i260071a001";
protected
  constant Units.PowerPerVolume P_V_small = 1e-9 "Power that is as good as none";
  constant Units.Velocity v_small = 1e-12 "Velocity that is as good as none";
equation
  kLa = calibration*K*noEvent(max(P_V, P_V_small))^alpha*noEvent(max(v_s, v_small))^beta;
  assert(
    P_V >= P_V_low or abs(calibration - 1) > 1e-9,
    "The power per volume is below the range of van 't Riet's correlation, as in all cell culture: measure kLa and set calibration.",
    AssertionLevel.warning);
  annotation(Documentation(info="<html>
<h4>Equations</h4>
<p>k<sub>L</sub>a = calibration &middot; K (P/V)<sup>&alpha;</sup> v<sub>s</sub><sup>&beta;</sup>, in SI.</p>
<h4>Limitations</h4>
<p>Measured between 500 and 10,000 W/m3 and within 20 to 40 %. Cell culture runs at 10 to 50 W/m3: the constants are a
starting point, which calibration brings to measurements. As long as it is 1 a warning says so.</p>
<h4>References</h4>
<p>van 't Riet 1979, doi:10.1021/i260071a001.</p>
</html>"));
end PartialPower;
