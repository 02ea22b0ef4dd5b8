within Modelica.Icons;
partial package FunctionsPackage "Functions"
end FunctionsPackage;
