// Shared by hybrid_attend_scores and slot_shares_prefill: slots that are means, four at a time.

override slots: u32; // M
override countSlots: bool;

const lowest = -3.4e38;

// What a mean takes of a token that adds `share` to what is now its mass.
fn meanShare(share: vec4f, mass: vec4f) -> vec4f {
  return select(share / mass, vec4f(), mass == vec4f());
}

// What is added to the scores of slots with so much mass and so many tokens in them; without mass they are hidden.
fn slotBias(mass: vec4f, count: vec4f) -> vec4f {
  var bias: vec4f;
  if (countSlots) { bias = log(count / f32(slots)); }
  return select(bias, vec4f(lowest), mass == vec4f());
}
