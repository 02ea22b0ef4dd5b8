within BioProcess.Chromatography;
function pointExchange "Exchange between the points inside a sphere, over D/R2 and the volume of the sphere"
  input Integer n "Number of points";
  output Real g[n, n] "What each point gets from each other";
protected
  Integer first "Place before the first in the table";
algorithm
  first := div((n - 1)*n*(2*n - 1), 6);
  for j in 1:n loop
    g[j, j] := 0;
    for l in 1:n loop
      if l <> j then
        g[j, l] := Collocation.exchange[first + (j - 1)*n + l];
        g[j, j] := g[j, j] - Collocation.exchange[first + (j - 1)*n + l];
      end if;
    end for;
  end for;
  annotation(Documentation(info="<html>
<p>From <a href=\"modelica://BioProcess.Chromatography.Collocation\">Collocation</a>; the diagonal makes each row sum to zero.</p>
</html>"));
end pointExchange;
