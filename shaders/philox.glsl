// Philox4x32-10 (Salmon et al., SC 2011), bit for bit as engine/philox.h.

uvec4 philox4x32(uvec4 counter, uvec2 key) {
  for (int round = 0; round < 10; ++round) {
    uint high0, low0, high1, low1;
    umulExtended(0xD2511F53u, counter.x, high0, low0);
    umulExtended(0xCD9E8D57u, counter.z, high1, low1);
    counter = uvec4(high1 ^ counter.y ^ key.x, low1, high0 ^ counter.w ^ key.y, low0);
    key += uvec2(0x9E3779B9u, 0xBB67AE85u);
  }
  return counter;
}

// The four draws of elements 4 * block to 4 * block + 3; elements number less than 2^32, so the upper
// half of the block's counter is 0.
uvec4 random_block(uint op_id, uint block) {
  const uvec2 seed = uvec2(run_params.words[0], run_params.words[1]);
  return philox4x32(uvec4(block, 0u, op_id, run_params.words[2]), seed);
}

// Top 24 bits as a float in [0, 1).
float to_uniform(uint bits) { return float(bits >> 8) * (1.0 / 16777216.0); }

float random_uniform(uint op_id, uint element) {
  return to_uniform(random_block(op_id, element / 4u)[element % 4u]);
}
