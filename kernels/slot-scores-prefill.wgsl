// slot_scores_prefill: fold the tokens that leave into the key slots, and score every query against them.
//
//   for every token i in order:  keySlots[h, d, m] += share[i, h, m] * (key_j[h, d] - keySlots[h, d, m]),  j = position + i - window
//                                slotWeights[i, q, m] (+)= D^-1/2 * sum_d q[d] * keySlots[h, d, m]
//
// One dispatch per 16 dimensions, starting at `firstDim`; the first sets slotWeights and the others add to it. One
// invocation owns (4 slots, h) and keeps its 16 x 4 piece of the slots in registers through the whole call: a column of a
// matrix is a dimension, its components are the 4 slots. slot-gate.wgsl is prepended.

override queryHeads: u32; // Q
override kvHeads: u32;    // H
override headDim: u32;    // D
override slots: u32;      // M
override rowSize: u32;
override firstDim: u32;
override workgroupSize: u32;

struct Step { position: u32, tokens: u32 }
struct Layer { window: u32, slotsOn: u32 }

@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<uniform> layer: Layer;
@group(0) @binding(2) var<storage, read> projections: array<f32>;         // [T, rowSize], q first
@group(0) @binding(3) var<storage, read> windowKeys: array<vec2u>;        // f16 [capacity, H, D]
@group(0) @binding(4) var<storage, read> chunkKeys: array<vec2u>;         // f16 [T, H, D]
@group(0) @binding(5) var<storage, read> slotShares: array<vec4f>;        // [T, H, M padded to 4]
@group(0) @binding(6) var<storage, read_write> keySlots: array<f32>;      // [H, D, M]
@group(0) @binding(7) var<storage, read_write> slotWeights: array<vec4f>; // [T, Q, M padded to 4]

fn loadSlots(h: u32, d: u32, m: u32) -> vec4f {
  let at = (h * headDim + d) * slots + m;
  var four = vec4f(keySlots[at], 0.0, 0.0, 0.0);
  if (m + 1 < slots) { four.y = keySlots[at + 1]; }
  if (m + 2 < slots) { four.z = keySlots[at + 2]; }
  if (m + 3 < slots) { four.w = keySlots[at + 3]; }
  return four;
}

fn storeSlots(h: u32, d: u32, m: u32, four: vec4f) {
  let at = (h * headDim + d) * slots + m;
  keySlots[at] = four.x;
  if (m + 1 < slots) { keySlots[at + 1] = four.y; }
  if (m + 2 < slots) { keySlots[at + 2] = four.z; }
  if (m + 3 < slots) { keySlots[at + 3] = four.w; }
}

fn loadFour(h: u32, d: u32, m: u32) -> mat4x4f {
  if (d >= headDim) { return mat4x4f(); }
  return mat4x4f(loadSlots(h, d, m), loadSlots(h, d + 1, m), loadSlots(h, d + 2, m), loadSlots(h, d + 3, m));
}

fn storeFour(h: u32, d: u32, m: u32, state: mat4x4f) {
  if (d >= headDim) { return; }
  storeSlots(h, d, m, state[0]);
  storeSlots(h, d + 1, m, state[1]);
  storeSlots(h, d + 2, m, state[2]);
  storeSlots(h, d + 3, m, state[3]);
}

fn loadKey(row: u32, recent: bool, d: u32) -> vec4f {
  let at = row * (headDim / 4) + d / 4;
  if (recent) { return halves(chunkKeys[at]); }
  return halves(windowKeys[at]);
}

fn loadQuery(at: u32) -> vec4f {
  return vec4f(projections[at], projections[at + 1], projections[at + 2], projections[at + 3]);
}

fn fold(state: mat4x4f, share: vec4f, key: vec4f) -> mat4x4f {
  return mat4x4f(
    state[0] + share * (key.x - state[0]),
    state[1] + share * (key.y - state[1]),
    state[2] + share * (key.z - state[2]),
    state[3] + share * (key.w - state[3]),
  );
}

@compute @workgroup_size(workgroupSize)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let quads = (slots + 3) / 4;
  if (id.x >= quads) { return; }
  let h = id.y;
  let m = 4 * id.x;
  let d = firstDim;
  let groupSize = queryHeads / kvHeads;
  let capacity = arrayLength(&windowKeys) / (kvHeads * headDim / 4);
  let scale = inverseSqrt(f32(headDim));
  var state0 = loadFour(h, d, m);
  var state1 = loadFour(h, d + 4, m);
  var state2 = loadFour(h, d + 8, m);
  var state3 = loadFour(h, d + 12, m);

  for (var i = 0u; i < step.tokens; i++) {
    let t = step.position + i;
    if (t >= layer.window) {
      let j = t - layer.window;
      let recent = j >= step.position;
      let row = select(j % capacity, j - step.position, recent) * kvHeads + h;
      let share = slotShares[(i * kvHeads + h) * quads + id.x];
      state0 = fold(state0, share, loadKey(row, recent, d));
      if (d + 4 < headDim) { state1 = fold(state1, share, loadKey(row, recent, d + 4)); }
      if (d + 8 < headDim) { state2 = fold(state2, share, loadKey(row, recent, d + 8)); }
      if (d + 12 < headDim) { state3 = fold(state3, share, loadKey(row, recent, d + 12)); }
    }
    for (var q = h * groupSize; q < (h + 1) * groupSize; q++) {
      let query = i * rowSize + q * headDim + d;
      var score = state0 * loadQuery(query);
      if (d + 4 < headDim) { score += state1 * loadQuery(query + 4); }
      if (d + 8 < headDim) { score += state2 * loadQuery(query + 8); }
      if (d + 12 < headDim) { score += state3 * loadQuery(query + 12); }
      let at = (i * queryHeads + q) * quads + id.x;
      if (firstDim == 0) { slotWeights[at] = scale * score; } else { slotWeights[at] += scale * score; }
    }
  }
  storeFour(h, d, m, state0);
  storeFour(h, d + 4, m, state1);
  storeFour(h, d + 8, m, state2);
  storeFour(h, d + 12, m, state3);
}
