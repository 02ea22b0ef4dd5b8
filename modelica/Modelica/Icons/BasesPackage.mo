within Modelica.Icons;
partial package BasesPackage "Base classes"
end BasesPackage;
