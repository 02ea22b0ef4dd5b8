package StateSelection
  model Test
    Real x(start=1,fixed=true,stateSelect=StateSelect.prefer);
    output Real y;
  equation
    der(x)=-x;
    y=x;
  end Test;
end StateSelection;
