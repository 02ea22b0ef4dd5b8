package TwoMass "Two masses on springs, joined by a stiff spring, split between the left mass and the rest"
  block Left "Mass that takes the force of the coupling"
    input Real force(unit = "N", start = -100) "Force of the coupling on the mass";
    output Real x(unit = "m", start = 1, fixed = true) "Position";
    output Real v(unit = "m/s", start = 0, fixed = true) "Velocity";
  equation
    der(x) = v;
    der(v) = force - x - 0.1*v;
  end Left;

  block Right "Mass with the coupling, whose force depends directly on position and velocity at its other end"
    input Real x_left(unit = "m", start = 1) "Position of the other mass";
    input Real v_left(unit = "m/s", start = 0) "Velocity of the other mass";
    output Real x(unit = "m", start = 0, fixed = true) "Position";
    output Real v(unit = "m/s", start = 0, fixed = true) "Velocity";
    output Real force(unit = "N") "Force on the other mass";
  equation
    force = 100*(x - x_left) + 1*(v - v_left);
    der(x) = v;
    der(v) = -force - x - 0.1*v;
  end Right;
end TwoMass;
