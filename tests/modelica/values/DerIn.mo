// y = 4
package DerIn
  model Test
    input Real u(start=2);
    output Real y=u^2;
  end Test;
end DerIn;
