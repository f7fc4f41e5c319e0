// Sine and cosine. Vulkan lets the built-in ones be wrong by 2^-11 within [-pi, pi] and by anything
// beyond ("Precision and Operation of SPIR-V Instructions"), and drivers do use that; these are
// within 2e-7 of the truth for every float.

struct Angle {
  uint quarters;  // quarter turns, of which only the last two bits count
  float rest;     // radians beyond them, in [-pi/4, pi/4]
};

// Cody and Waite (1980): pi/2 in three parts, of which the first two have so few bits that their
// products with a number of 13 bits are exact. `precise`, since a driver that may reorder the terms
// would have nothing left of the last two.
Angle reduce_small(float x) {
  precise const float turns = floor(x * 0.63661977 + 0.5);
  precise const float coarse = x - turns * 1.5703125;
  precise const float finer = coarse - turns * 4.8375129699707031e-4;
  precise const float rest = finer - turns * 7.5497899548918821e-8;
  return Angle(uint(int(turns)), rest);
}

// The bits of 2/pi behind its point, behind a word of those before it.
const uint kTwoOverPi[7] = uint[](0u, 0xa2f9836eu, 0x4e441529u, 0xfc2757d1u, 0xf534ddc0u,
                                  0xdb629599u, 0x3c439041u);

uint two_over_pi(uint bit) {
  const uint word = bit / 32, shift = bit % 32;
  // Not by 32 - shift, which would be 32 where shift is 0, and undefined.
  return kTwoOverPi[word] << shift | kTwoOverPi[word + 1] >> 1 >> (31 - shift);
}

// Payne and Hanek (1983), for |x| of at least 2: the bits of x times those of 2/pi that can matter,
// in integers. What stands before them makes whole turns.
Angle reduce_large(float x) {
  const uint bits = floatBitsToUint(x);
  const uint bit = (bits >> 23 & 0xffu) - 128u;
  const uint significand = bits << 8 | 0x80000000u;
  // Quarter turns, with 62 bits behind the point.
  uint high, low, carried, dropped, carry;
  umulExtended(significand, two_over_pi(bit + 32), high, low);
  umulExtended(significand, two_over_pi(bit + 64), carried, dropped);
  low = uaddCarry(low, carried, carry);
  high += carry + significand * two_over_pi(bit);
  // To the nearest quarter; the fraction is then a signed one.
  const uint quarters = (high + 0x20000000u) >> 30;
  high = high << 2 | low >> 30;
  low <<= 2;
  const bool below = high >= 0x80000000u;
  if (below) {
    low = ~low + 1u;
    high = ~high + (low == 0u ? 1u : 0u);
  }
  const float size = (float(high) + float(low) * 2.3283064365386963e-10) * 3.6572951981e-10;
  const bool negative = x < 0.0;
  return Angle(negative ? ~quarters + 1u : quarters, below != negative ? -size : size);
}

Angle reduce_angle(float x) {
  if (abs(x) < 12000.0) return reduce_small(x);  // less than 2^13 quarter turns
  return reduce_large(x);
}

// Minimax polynomials for |x| <= pi/4.
float near_sin(float x) {
  const float s = x * x;
  return x + x * s * (-0.16666655 + s * (8.3321770e-3 + s * -1.9517138e-4));
}
float near_cos(float x) {
  const float s = x * x;
  return 1.0 + s * (-0.5 + s * (0.041666647 + s * (-1.3887366e-3 + s * 2.4438271e-5)));
}

float sin_of(Angle angle) {
  const float size = (angle.quarters & 1u) != 0u ? near_cos(angle.rest) : near_sin(angle.rest);
  return (angle.quarters & 2u) != 0u ? -size : size;
}

bool is_finite(float x) { return (floatBitsToUint(x) & 0x7fffffffu) < 0x7f800000u; }

float guarded_sin(float x) { return is_finite(x) ? sin_of(reduce_angle(x)) : 0.0 / 0.0; }

float guarded_cos(float x) {
  if (!is_finite(x)) return 0.0 / 0.0;
  const Angle angle = reduce_angle(x);
  return sin_of(Angle(angle.quarters + 1u, angle.rest));
}
