within ;
package Cases "Models with known solutions, each for a few features of the language"
  type Concentration = Real(final quantity="MassConcentration", final unit="g/L", min=0);
  type Volume = Real(final quantity="Volume", final unit="L", min=0, nominal=1000);
  type VolumeFlow = Real(final quantity="VolumeFlowRate", final unit="L/h");
  type Rate = Real(final unit="1/h") "specific rate";
  type Mode = enumeration(Batch "before the feed starts", Feed "fed-batch", Done "ready for harvest");
  connector SignalInput = input Real;
  connector SignalOutput = output Real;
  connector ConcentrationInput = input Concentration;
  connector ConcentrationOutput = output Concentration;
  connector FlowInput = input VolumeFlow;
  connector SwitchInput = input Boolean;

  connector Port "an acausal connector"
    Real p(unit="bar");
    flow Real q(unit="L/h");
  end Port;

  partial model PartialVessel "an ideally mixed vessel with one feed"
    parameter Volume V_start=1000 "volume at the start";
    FlowInput F_in(start=0) "feed";
    ConcentrationInput c_in(start=0) "substrate in the feed";
    ConcentrationOutput c_out "substrate in the broth";
    Volume V(start=V_start, fixed=true);
  protected
    Rate D "dilution rate";
  equation
    D = F_in/V;
  end PartialVessel;

  function saturation "Monod's fraction of the maximal rate"
    input Concentration s;
    input Concentration K;
    output Real y;
  protected
    Real positive;
  algorithm
    positive := max(s, 0.0);
    y := positive/(K + positive);
  end saturation;

  function occupancy "1 + sum of b[j]*c[j]"
    input Real c[:];
    input Real b[:];
    output Real d;
  algorithm
    d := 1;
    for j in 1:size(c, 1) loop
      d := d + b[j]*c[j];
    end for;
  end occupancy;

  function table "piecewise linear interpolation, constant outside"
    input Real x;
    input Real xs[:];
    input Real ys[size(xs, 1)];
    output Real y;
  algorithm
    y := ys[1];
    for i in 1:size(xs, 1) - 1 loop
      if x >= xs[i] then
        y := ys[i] + (ys[i + 1] - ys[i])*(min(x, xs[i + 1]) - xs[i])/(xs[i + 1] - xs[i]);
      end if;
    end for;
  end table;

  record Growth
    Real mu_max(unit="1/h")=0.04;
    Real Ks(unit="g/L")=0.5;
    Real Y(unit="g/g")=0.5;
  end Growth;
end Cases;
