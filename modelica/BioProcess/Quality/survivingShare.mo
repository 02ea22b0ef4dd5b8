within BioProcess.Quality;
function survivingShare "Share of a substrate that passes an enzyme in plug flow"
  input Real capacity "Largest rate times time over half saturation: decades of e that a dilute substrate loses";
  input Real load_1 "Concentration over half saturation of the first site";
  input Real load_2 "Concentration over half saturation of a second site that is twice as fast, or 0";
  output Real share "Share of the first site that is left; of the second its square";
protected
  Real u "Minus its logarithm";
algorithm
  u := 0;
  for i in 1:40 loop
    u := u - (u + load_1*(1 - exp(-u)) + 0.5*load_2*(1 - exp(-2*u)) - capacity)
      /(1 + load_1*exp(-u) + load_2*exp(-2*u));
  end for;
  share := exp(-u);
  annotation(Documentation(info="<html>
<p>The integral of dx/dt = &minus;V x/(1 + L<sub>1</sub> x + L<sub>2</sub> x<sup>2</sup>): ln(1/x) + L<sub>1</sub> (1
&minus; x) + L<sub>2</sub>/2 (1 &minus; x<sup>2</sup>) = V t. Its left side rises and is concave in ln(1/x), so Newton's
method from 0 comes from below, without fail.</p>
</html>"));
end survivingShare;
