within Modelica;
package Icons "Icons"
end Icons;
