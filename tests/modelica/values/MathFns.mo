// y = -2.35619449, 3, 2.02513465, 1.64117142, 1.57079633, 4.24264069, -1, 0, -1, 0.600793044
package MathFns
  model Test
    parameter Real a=0.3;
    output Real y[10]={atan2(-1,-1),log10(1000),exp(1)-log(2),sinh(a)+cosh(a)+tanh(a),asin(a)+acos(a),sqrt(2)*abs(-3),sign(-2),ceil(1.2)+floor(-1.2),min(2,3)-max(2,3),atan(a)+tan(a)};
  end Test;
end MathFns;
