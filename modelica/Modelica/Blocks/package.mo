within Modelica;
package Blocks "Blocks"
  extends Icons.Package;
end Blocks;
