// Shared by hybrid_attend, slot_scores_prefill and slot_readout_prefill, which fold the same token the same way.

// How much a slot takes of the leaving token, 1 - exp(logGate): a slot that keeps nearly everything takes a share far
// below the rounding of 1 - exp, so near 0 it is the series of -expm1.
fn writeShare(logGate: f32) -> f32 {
  let x = -logGate;
  let tail = 1.0 - x * (1.0 / 5.0) * (1.0 - x * (1.0 / 6.0) * (1.0 - x * (1.0 / 7.0) * (1.0 - x * (1.0 / 8.0))));
  let series = x * (1.0 - x * 0.5 * (1.0 - x * (1.0 / 3.0) * (1.0 - x * 0.25 * tail)));
  return select(1.0 - exp(logGate), series, x < 0.5);
}

// Element `index` of a row of f16, given the word that holds it.
fn half(word: u32, index: u32) -> f32 {
  return unpack2x16float(word >> (16 * (index % 2))).x;
}

fn halves(words: vec2u) -> vec4f {
  return vec4f(unpack2x16float(words.x), unpack2x16float(words.y));
}
