within Modelica.Icons;
partial package ExamplesPackage "Runnable examples"
end ExamplesPackage;
