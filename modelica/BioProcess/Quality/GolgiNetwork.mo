within BioProcess.Quality;
package GolgiNetwork "The 33 oligosaccharides of the Golgi and the 43 reactions between them"
  extends Icons.Package;
  constant Integer substrate[43] = {
    1, 2, 3, 4, 5, 6, 7, 20, 21, 6, 7, 8, 11, 8, 22, 8, 11, 12, 13, 11, 14, 17, 22, 25, 26, 27, 25, 28, 31,
    9, 14, 15, 16, 12, 15, 18, 23, 28, 29, 30, 26, 29, 32}
    "What each reaction consumes";
  constant Integer product[43] = {
    2, 3, 4, 5, 6, 7, 8, 21, 22, 20, 21, 22, 25, 11, 25, 9, 14, 15, 16, 12, 15, 18, 23, 28, 29, 30, 26, 29,
    32, 10, 17, 18, 19, 13, 16, 19, 24, 31, 32, 33, 27, 30, 33}
    "What each reaction makes";
  constant Integer kind[43] = {
    1, 1, 1, 1, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 6, 6, 6, 6, 7, 7, 7, 6, 6, 6, 6, 7, 7, 7, 8, 8, 8, 8, 9, 9,
    9, 8, 8, 8, 8, 9, 9, 9}
    "1 ManI, 2 GnTI, 3 ManII, 4 FucT, 5 GnTII, 6 and 7 GalT, 8 and 9 SiaT, on the first and the second arm";
  constant Integer enzyme[43] = {
    1, 1, 1, 1, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 7, 7, 7, 7, 7, 7,
    7, 7, 7, 7, 7, 7, 7, 7}
    "1 ManI, 2 GnTI, 3 ManII, 4 FucT, 5 GnTII, 6 GalT, 7 SiaT";
  constant Real high_mannose[33] = {
    1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}
    "1 where no antenna has begun: Man9 to Man5";
  constant Real hybrid[33] = {
    0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0}
    "1 where there is one antenna";
  constant Real g0[33] = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0}
    "1 with two antennae and no galactose";
  constant Real g1[33] = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 1, 0, 0}
    "1 with two antennae and one galactose, capped or not";
  constant Real g2[33] = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 1, 1}
    "1 with two antennae and two galactoses, capped or not";
  constant Real fucose[33] = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}
    "Core fucose";
  constant Real sialic_acid[33] = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 1, 1, 1, 2, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 1, 1, 1, 2}
    "Sialic acids";
  constant Real galactose[33] = {
    0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 1, 2, 1, 0, 1, 0, 0, 0, 0, 1, 0, 0, 1, 0, 1, 2, 1, 0, 1, 0}
    "Terminal galactoses, those that sialic acid does not cap";
  annotation(Documentation(info="<html>
<p>1 to 5: Man9 to Man5. 6 to 8: one antenna (GlcNAc on the first arm) with five, four and three mannoses; 9 and 10: that
with three, galactosylated and sialylated. 11 to 19: two antennae, each ending in GlcNAc, galactose or sialic acid: 11 + 3
(first arm) + (second arm), 0, 1 or 2. 20 to 33: 6 to 19 with core fucose.</p>
<p>GnTI makes the antenna of Man5, ManII then takes two mannoses, GnTII makes the second antenna. FucT acts as long as there
is no galactose; GalT and SiaT extend either arm.</p>
<h4>References</h4>
<p>Del Val, Nagy and Kontoravdi 2011, Biotechnology Progress 27:1730, whose network of 33 oligosaccharides this follows in kind.</p>
</html>"));
end GolgiNetwork;
