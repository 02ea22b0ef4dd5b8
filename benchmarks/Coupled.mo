package Coupled "Coupled problems whose accuracy is measured, each split in two"
  block HeadTank "Tank that drains fast into the next, and gets a recycle back"
    input Real recycle(unit = "m3/s", start = 0.01) "Flow that comes back";
    input Real level_below(unit = "m", start = 0.5) "Level in the next tank";
    output Real level(unit = "m", start = 2, fixed = true) "Level";
    output Real outflow(unit = "m3/s") "Flow into the next tank, either way";
  equation
    outflow = 0.5*(level - level_below);
    der(level) = (0.02 + recycle - outflow)/0.1;
  end HeadTank;

  block LargeTank "Large tank that drains slowly and returns half of it"
    input Real inflow(unit = "m3/s", start = 0.75) "Flow that comes in";
    output Real level(unit = "m", start = 0.5, fixed = true) "Level";
    output Real recycle(unit = "m3/s") "Flow that is returned";
  equation
    recycle = 0.02*level;
    der(level) = (inflow - 2*recycle)/10;
  end LargeTank;

  block Reactor "Exothermic stirred reactor with a jacket"
    input Real cooling(unit = "K", start = 0) "Jacket temperature below nominal";
    output Real c(unit = "mol/L", start = 1, fixed = true) "Concentration";
    output Real T(unit = "K", start = 300, fixed = true) "Temperature";
  protected
    Real rate(unit = "mol/(L.s)") "Rate of reaction";
  equation
    rate = 0.1*c*exp(10*(T - 300)/T);
    der(c) = 0.2*(1 - c) - rate;
    der(T) = 0.2*(300 - T) + 60*rate - 0.5*(T - 300 + cooling);
  end Reactor;

  block Controller "Proportional-integral controller, whose output follows from its input directly"
    input Real T(unit = "K", start = 300) "Measured temperature";
    output Real cooling(unit = "K") "Jacket temperature below nominal";
  protected
    Real integral(unit = "K.s", start = 0, fixed = true) "Integral of the deviation";
  equation
    der(integral) = T - 305;
    cooling = 2*(T - 305) + 0.5*integral;
  end Controller;

  block RecycleReactor "Stirred reactor of a second-order reaction, fed with fresh material and a recycle"
    input Real c_recycle(unit = "mol/L", start = 0) "Concentration in the recycle";
    output Real c(unit = "mol/L", start = 0.2, fixed = true) "Concentration";
  equation
    der(c) = (1*(2 - c) + 3*(c_recycle - c))/2 - 0.5*c^2;
  end RecycleReactor;

  block Separator "Separator that returns what did not react, enriched, and lets the rest leave"
    input Real c_feed(unit = "mol/L", start = 0.2) "Concentration in the feed of 4 L/s";
    output Real c_recycle(unit = "mol/L") "Concentration in the recycle of 3 L/s";
  protected
    Real c(unit = "mol/L", start = 0, fixed = true) "Mean concentration; the product of 1 L/s has 0.4 of it";
  equation
    der(c) = 4*(c_feed - c)/0.5;
    c_recycle = 1.2*c;
  end Separator;
end Coupled;
