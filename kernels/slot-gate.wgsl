// Shared by slot_write, slot_scores_prefill and slot_readout_prefill, which fold the same token the same way.

// How much a slot takes of the leaving token, 1 - exp(logGate): a slot that keeps nearly everything takes a share far
// below the rounding of 1 - exp, so near 0 it is the series of -expm1.
fn writeShare(logGate: f32) -> f32 {
  let x = -logGate;
  let tail = 1.0 - x / 5.0 * (1.0 - x / 6.0 * (1.0 - x / 7.0 * (1.0 - x / 8.0)));
  let series = x * (1.0 - x / 2.0 * (1.0 - x / 3.0 * (1.0 - x / 4.0 * tail)));
  return select(1.0 - exp(logGate), series, x < 0.5);
}

// The log gate of slot m in a row of f16 gates that starts at a word.
fn half(word: u32, index: u32) -> f32 {
  return unpack2x16float(word)[index % 2];
}
