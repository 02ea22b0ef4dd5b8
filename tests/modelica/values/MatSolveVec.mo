// y = 0.8, 1.4
package MatSolveVec
  model Test
    Real x[2];
    parameter Real M[2,2]=[2,1;1,3];
    output Real y[2]=x;
  equation
    M*x={3,5};
  end Test;
end MatSolveVec;
