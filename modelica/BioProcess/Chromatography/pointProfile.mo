within BioProcess.Chromatography;
function pointProfile "Amounts at the points of particles that have the same composition everywhere"
  input Integer n_cells "Number of cells";
  input Integer n_radial "Number of points in a particle";
  input Integer n_solutes "Number of solutes";
  input Real amounts[n_solutes] "Amounts in the particles of a cell";
  output Real profile[n_cells*n_radial, n_solutes] "Amounts at all points";
protected
  Integer first "Place before the first weight in the table";
algorithm
  first := div(n_radial*(n_radial - 1), 2);
  for i in 1:n_cells loop
    for j in 1:n_radial loop
      for k in 1:n_solutes loop
        profile[(i - 1)*n_radial + j, k] := Collocation.weights[first + j]*amounts[k];
      end for;
    end for;
  end for;
end pointProfile;
