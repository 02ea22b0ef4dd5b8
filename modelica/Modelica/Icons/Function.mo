within Modelica.Icons;
partial function Function "A function"
end Function;
