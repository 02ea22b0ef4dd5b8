within BioProcess.GasTransfer;
model Coalescing "Transfer coefficient in pure water, where bubbles coalesce"
  extends PartialPower(K=0.026, alpha=0.4, beta=0.5);
  annotation(Documentation(info="<html>
<p>Source: van 't Riet 1979, doi:10.1021/i260071a001.</p>
</html>"));
end Coalescing;
