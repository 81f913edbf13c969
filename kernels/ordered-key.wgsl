// Floats as integers of the same order: larger ones have larger keys, minus zero the key of zero, a NaN of either sign the
// largest, so that it shows, and no float the key 0. Prepended to what selects logits.
fn orderedKey(logit: f32) -> u32 {
  let bits = bitcast<u32>(logit);
  if (bits == 0x80000000u) { return 0x80000000u; }
  if ((bits & 0x7fffffffu) > 0x7f800000u) { return 0xffffffffu; }
  return select(bits | 0x80000000u, ~bits, bits >= 0x80000000u);
}
