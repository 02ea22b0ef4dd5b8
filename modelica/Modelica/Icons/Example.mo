within Modelica.Icons;
partial model Example "A runnable example"
end Example;
