// slot_readout_prefill: fold the tokens that leave into the value slots, and add what every query reads from them.
//
//   for every token i in order:  valueSlots[h, m, d] += share[i, h, m] * (value_j[h, d] - valueSlots[h, m, d]),  j = position + i - window
//                                output[i, q, d]     += sum_m slotWeights[i, q, m] * valueSlots[h, m, d]
//
// One dispatch per 16 slots, starting at `firstSlot`. One invocation owns (4 dimensions, h) and keeps its 16 x 4 piece of
// the slots in registers through the whole call: a column of a matrix is a slot, its components are the 4 dimensions.
// Shares and weights of slots beyond M are 0. slot-gate.wgsl is prepended.

override queryHeads: u32; // Q
override kvHeads: u32;    // H
override headDim: u32;    // D
override slots: u32;      // M
override firstSlot: u32;
override workgroupSize: u32;

struct Step { position: u32, tokens: u32 }
struct Layer { window: u32, slotsOn: u32 }

@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<uniform> layer: Layer;
@group(0) @binding(2) var<storage, read> windowValues: array<vec2u>;     // f16 [capacity, H, D]
@group(0) @binding(3) var<storage, read> chunkValues: array<vec2u>;      // f16 [T, H, D]
@group(0) @binding(4) var<storage, read> slotShares: array<vec4f>;       // [T, H, M padded to 4]
@group(0) @binding(5) var<storage, read> slotWeights: array<vec4f>;      // [T, Q, M padded to 4]
@group(0) @binding(6) var<storage, read_write> valueSlots: array<vec4f>; // [H, M, D]
@group(0) @binding(7) var<storage, read_write> output: array<vec4f>;     // [T, Q, D]

fn loadSlot(h: u32, m: u32, column: u32) -> vec4f {
  if (m >= slots) { return vec4f(); }
  return valueSlots[(h * slots + m) * (headDim / 4) + column];
}

fn storeSlot(h: u32, m: u32, column: u32, value: vec4f) {
  if (m >= slots) { return; }
  valueSlots[(h * slots + m) * (headDim / 4) + column] = value;
}

fn loadFour(h: u32, m: u32, column: u32) -> mat4x4f {
  return mat4x4f(
    loadSlot(h, m, column), loadSlot(h, m + 1, column), loadSlot(h, m + 2, column), loadSlot(h, m + 3, column),
  );
}

fn storeFour(h: u32, m: u32, column: u32, state: mat4x4f) {
  storeSlot(h, m, column, state[0]);
  storeSlot(h, m + 1, column, state[1]);
  storeSlot(h, m + 2, column, state[2]);
  storeSlot(h, m + 3, column, state[3]);
}

fn fold(state: mat4x4f, share: vec4f, value: vec4f) -> mat4x4f {
  return mat4x4f(
    state[0] + share.x * (value - state[0]),
    state[1] + share.y * (value - state[1]),
    state[2] + share.z * (value - state[2]),
    state[3] + share.w * (value - state[3]),
  );
}

@compute @workgroup_size(workgroupSize)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let columns = headDim / 4;
  let column = id.x;
  if (column >= columns) { return; }
  let h = id.y;
  let m = firstSlot;
  let quads = (slots + 3) / 4;
  let groupSize = queryHeads / kvHeads;
  let capacity = arrayLength(&windowValues) / (kvHeads * columns);
  var state0 = loadFour(h, m, column);
  var state1 = loadFour(h, m + 4, column);
  var state2 = loadFour(h, m + 8, column);
  var state3 = loadFour(h, m + 12, column);

  for (var i = 0u; i < step.tokens; i++) {
    let t = step.position + i;
    if (t >= layer.window) {
      let j = t - layer.window;
      let recent = j >= step.position;
      let at = (select(j % capacity, j - step.position, recent) * kvHeads + h) * columns + column;
      var words: vec2u;
      if (recent) { words = chunkValues[at]; } else { words = windowValues[at]; }
      let value = halves(words);
      let share = (i * kvHeads + h) * quads + m / 4;
      state0 = fold(state0, slotShares[share], value);
      if (m + 4 < slots) { state1 = fold(state1, slotShares[share + 1], value); }
      if (m + 8 < slots) { state2 = fold(state2, slotShares[share + 2], value); }
      if (m + 12 < slots) { state3 = fold(state3, slotShares[share + 3], value); }
    }
    for (var q = h * groupSize; q < (h + 1) * groupSize; q++) {
      let weight = (i * queryHeads + q) * quads + m / 4;
      var read = state0 * slotWeights[weight];
      if (m + 4 < slots) { read += state1 * slotWeights[weight + 1]; }
      if (m + 8 < slots) { read += state2 * slotWeights[weight + 2]; }
      if (m + 12 < slots) { read += state3 * slotWeights[weight + 3]; }
      output[(i * queryHeads + q) * columns + column] += read;
    }
  }
  storeFour(h, m, column, state0);
  storeFour(h, m + 4, column, state1);
  storeFour(h, m + 8, column, state2);
  storeFour(h, m + 12, column, state3);
}
