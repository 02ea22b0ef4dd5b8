within Modelica.Icons;
partial package Package "A package"
end Package;
