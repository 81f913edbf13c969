// Shared by hybrid_attend, slot_scores_prefill and slot_readout_prefill, which fold the same token the same way.

// How much a slot takes of the leaving token, 1 - exp(logGate): a slot that keeps nearly everything takes a share far
// below the rounding of 1 - exp, so near 0 it is the series of -expm1.
fn writeShare(logGate: f32) -> f32 {
  let x = -logGate;
  let tail = 1.0 - x * (1.0 / 5.0) * (1.0 - x * (1.0 / 6.0) * (1.0 - x * (1.0 / 7.0) * (1.0 - x * (1.0 / 8.0))));
  let series = x * (1.0 - x * 0.5 * (1.0 - x * (1.0 / 3.0) * (1.0 - x * 0.25 * tail)));
  return select(1.0 - exp(logGate), series, x < 0.5);
}

// A slot in f32 moves by share * (token - slot). Where that is less than half of what its last bit counts, rounding to
// nearest would lose it, token after token. So the sum is rounded up or down with the probability that keeps its mean:
// something in ±1/2 of the last bit is added first, of the token's own number, the same whoever folds it and however.

// In ±2^-24, for token `j`: pcg hash.
fn ditherOf(j: u32) -> f32 {
  let state = j * 747796405u + 2891336453u;
  let word = ((state >> ((state >> 28) + 4)) ^ state) * 277803737u;
  return (f32(((word >> 22) ^ word) >> 9) + 0.5 - 4194304.0) * 1.4210855e-14; // 2^22, 2^-46
}

// `slots` after one token; a share of 0 leaves them as they are. The last bit counts 2^-23 of the exponent alone.
fn folded(slots: vec4f, shares: vec4f, token: vec4f, dither: f32) -> vec4f {
  let exponents = bitcast<vec4f>(bitcast<vec4u>(slots) & vec4u(0x7f800000u));
  return slots + (shares * (token - slots) + select(vec4f(), vec4f(dither), shares > vec4f()) * exponents);
}

// Element `index` of a row of f16, given the word that holds it.
fn half(word: u32, index: u32) -> f32 {
  return unpack2x16float(word >> (16 * (index % 2))).x;
}

fn halves(words: vec2u) -> vec4f {
  return vec4f(unpack2x16float(words.x), unpack2x16float(words.y));
}
