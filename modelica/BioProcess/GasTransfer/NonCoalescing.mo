within BioProcess.GasTransfer;
model NonCoalescing "Transfer coefficient in salt solutions, where bubbles do not coalesce"
  extends PartialPower(K=0.002, alpha=0.7, beta=0.2);
  annotation(Documentation(info="<html>
<p>Source: van 't Riet 1979, doi:10.1021/i260071a001.</p>
</html>"));
end NonCoalescing;
