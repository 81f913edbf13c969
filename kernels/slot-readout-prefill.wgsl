// slot_readout_prefill: fold the tokens that leave into the value slots, and add what every query reads from them.
//
//   for every token i in order:  valueSlots[h, m, d] += share[i, h, m] * (value_j[h, d] - valueSlots[h, m, d]),  j = position + i - window >= S
//                                output[i, q, d]     += sum_m slotWeights[i, q, m] * valueSlots[h, m, d]
//
// One invocation owns (4 dimensions, h). It takes 16 slots at a time and walks all tokens with that 16 x 4 piece of the
// slots in registers: a column of a matrix is a slot, its components are the 4 dimensions. Slots beyond M hold what lies
// behind and are never stored; their shares and weights are 0. slot-gate.wgsl is prepended.

override queryHeads: u32; // Q
override kvHeads: u32;    // H
override headDim: u32;    // D
override slots: u32;      // M
override workgroupSize: u32;

struct Step { position: u32, tokens: u32 }
struct Layer { window: u32, slotsOn: u32, sinks: u32 }

@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<uniform> layer: Layer;
@group(0) @binding(2) var<storage, read> windowValues: array<vec2u>;     // f16 [S + capacity, H, D]
@group(0) @binding(3) var<storage, read> chunkValues: array<vec2u>;      // f16 [T, H, D]
@group(0) @binding(4) var<storage, read> slotShares: array<vec4f>;       // [T, H, M padded to 4]
@group(0) @binding(5) var<storage, read> slotWeights: array<vec4f>;      // [T, Q, M padded to 4]
@group(0) @binding(6) var<storage, read_write> valueSlots: array<vec4f>; // [H, M, D]
@group(0) @binding(7) var<storage, read_write> output: array<vec4f>;     // [T, Q, D]

fn loadFour(at: u32) -> mat4x4f {
  let columns = headDim / 4;
  return mat4x4f(valueSlots[at], valueSlots[at + columns], valueSlots[at + 2 * columns], valueSlots[at + 3 * columns]);
}

fn storeFour(at: u32, m: u32, state: mat4x4f) {
  for (var c = 0u; c < 4 && m + c < slots; c++) { valueSlots[at + c * (headDim / 4)] = state[c]; }
}

fn fold(state: mat4x4f, shares: vec4f, value: vec4f, dither: f32) -> mat4x4f {
  return mat4x4f(
    folded(state[0], vec4f(shares.x), value, dither),
    folded(state[1], vec4f(shares.y), value, dither),
    folded(state[2], vec4f(shares.z), value, dither),
    folded(state[3], vec4f(shares.w), value, dither),
  );
}

@compute @workgroup_size(workgroupSize)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let columns = headDim / 4;
  let column = id.x;
  if (column >= columns) { return; }
  let h = id.y;
  let quads = (slots + 3) / 4;
  let groupSize = queryHeads / kvHeads;
  let capacity = arrayLength(&windowValues) / (kvHeads * columns) - layer.sinks;

  for (var m = 0u; m < slots; m += 16) {
    let place = (h * slots + m) * columns + column;
    var state0 = loadFour(place);
    var state1 = loadFour(place + 4 * columns);
    var state2 = loadFour(place + 8 * columns);
    var state3 = loadFour(place + 12 * columns);
    for (var i = 0u; i < step.tokens; i++) {
      let t = step.position + i;
      if (t >= layer.window + layer.sinks) {
        let j = t - layer.window;
        let recent = j >= step.position;
        let row = select(layer.sinks + (j - layer.sinks) % capacity, j - step.position, recent) * kvHeads + h;
        let at = row * columns + column;
        var words: vec2u;
        if (recent) { words = chunkValues[at]; } else { words = windowValues[at]; }
        let value = halves(words);
        let dither = ditherOf(j);
        let share = (i * kvHeads + h) * quads + m / 4;
        state0 = fold(state0, slotShares[share], value, dither);
        state1 = fold(state1, slotShares[share + 1], value, dither);
        state2 = fold(state2, slotShares[share + 2], value, dither);
        state3 = fold(state3, slotShares[share + 3], value, dither);
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
    storeFour(place, m, state0);
    storeFour(place + 4 * columns, m + 4, state1);
    storeFour(place + 8 * columns, m + 8, state2);
    storeFour(place + 12 * columns, m + 12, state3);
  }
}
