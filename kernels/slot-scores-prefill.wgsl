// slot_scores_prefill: fold the tokens that leave into the key slots, and score every query against them.
//
//   for every token i in order:  keySlots[h, d, m] += share[i, h, m] * (key_j[h, d] - keySlots[h, d, m]),  j = position + i - window >= S
//                                slotWeights[i, q, m] (+)= D^-1/2 * sum_d q[d] * keySlots[h, d, m], + slotBias[i, h, m] with meanSlots
//
// With edgeSlots the leaving key is folded as R(-(W + S)) key_j, turned as one just beyond what is seen.
//
// One invocation owns (4 slots, h). It takes 16 dimensions at a time and walks all tokens with that 16 x 4 piece of the
// slots in registers: a column of a matrix is a dimension, its components are the 4 slots. The first walk sets
// slotWeights, the others add to it. Slots beyond M hold what lies behind and are never stored. slot-gate.wgsl is prepended.

override queryHeads: u32; // Q
override kvHeads: u32;    // H
override headDim: u32;    // D
override slots: u32;      // M
override rowSize: u32;
override edgeSlots: bool;
override meanSlots: bool;
override workgroupSize: u32;

struct Step { position: u32, tokens: u32 }
struct Layer { window: u32, slotsOn: u32, sinks: u32 }

@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<uniform> layer: Layer;
@group(0) @binding(2) var<storage, read> projections: array<f32>;         // [T, rowSize], q first
@group(0) @binding(3) var<storage, read> windowKeys: array<vec2u>;        // f16 [S + capacity, H, D]
@group(0) @binding(4) var<storage, read> chunkKeys: array<vec2u>;         // f16 [T, H, D]
@group(0) @binding(5) var<storage, read> slotShares: array<vec4f>;        // [T, H, M padded to 4]; slotBias behind it
@group(0) @binding(6) var<storage, read_write> keySlots: array<f32>;      // [H, D, M]
@group(0) @binding(7) var<storage, read_write> slotWeights: array<vec4f>; // [T, Q, M padded to 4]
@group(0) @binding(8) var<storage, read> ropeTable: array<vec4f>;         // [rows, D/2, (cos, sin)], two pairs a vector

fn loadSlots(at: u32) -> vec4f {
  return vec4f(keySlots[at], keySlots[at + 1], keySlots[at + 2], keySlots[at + 3]);
}

fn loadFour(at: u32) -> mat4x4f {
  return mat4x4f(loadSlots(at), loadSlots(at + slots), loadSlots(at + 2 * slots), loadSlots(at + 3 * slots));
}

fn storeFour(at: u32, count: u32, state: mat4x4f) {
  let rows = transpose(state);
  for (var m = 0u; m < count; m++) {
    keySlots[at + m] = rows[m].x;
    keySlots[at + m + slots] = rows[m].y;
    keySlots[at + m + 2 * slots] = rows[m].z;
    keySlots[at + m + 3 * slots] = rows[m].w;
  }
}

// Dimensions 2i and 2i + 1 of a key turned to the edge.
fn edgeKey(row: u32, recent: bool, i: u32) -> vec2f {
  let quarter = headDim / 4;
  let isFirst = i < quarter;
  let own = keyWord(row, recent, i);
  let other = keyWord(row, recent, select(i - quarter, i + quarter, isFirst));
  let turn = ropeTable[(layer.window + layer.sinks) * quarter + i % quarter];
  return own * turn.xz + select(-other, other, isFirst) * turn.yw;
}

fn keyWord(row: u32, recent: bool, i: u32) -> vec2f {
  let at = row * (headDim / 4) + i / 2;
  if (recent) { return unpack2x16float(chunkKeys[at][i % 2]); }
  return unpack2x16float(windowKeys[at][i % 2]);
}

fn loadKey(row: u32, recent: bool, d: u32) -> vec4f {
  if (edgeSlots) { return vec4f(edgeKey(row, recent, d / 2), edgeKey(row, recent, d / 2 + 1)); }
  let at = row * (headDim / 4) + d / 4;
  if (recent) { return halves(chunkKeys[at]); }
  return halves(windowKeys[at]);
}

fn loadQuery(at: u32) -> vec4f {
  return vec4f(projections[at], projections[at + 1], projections[at + 2], projections[at + 3]);
}

fn fold(state: mat4x4f, shares: vec4f, key: vec4f, dither: f32) -> mat4x4f {
  return mat4x4f(
    folded(state[0], shares, vec4f(key.x), dither),
    folded(state[1], shares, vec4f(key.y), dither),
    folded(state[2], shares, vec4f(key.z), dither),
    folded(state[3], shares, vec4f(key.w), dither),
  );
}

@compute @workgroup_size(workgroupSize)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let quads = (slots + 3) / 4;
  if (id.x >= quads) { return; }
  let h = id.y;
  let m = 4 * id.x;
  let groupSize = queryHeads / kvHeads;
  let capacity = arrayLength(&windowKeys) / (kvHeads * headDim / 4) - layer.sinks;
  let scale = inverseSqrt(f32(headDim));
  let count = min(slots - m, 4);

  for (var d = 0u; d < headDim; d += 16) {
    let at = (h * headDim + d) * slots + m;
    var state0 = loadFour(at);
    var state1 = loadFour(at + 4 * slots);
    var state2 = loadFour(at + 8 * slots);
    var state3 = loadFour(at + 12 * slots);
    for (var i = 0u; i < step.tokens; i++) {
      let t = step.position + i;
      if (t >= layer.window + layer.sinks) {
        let j = t - layer.window;
        let recent = j >= step.position;
        let row = select(layer.sinks + (j - layer.sinks) % capacity, j - step.position, recent) * kvHeads + h;
        let shares = slotShares[(i * kvHeads + h) * quads + id.x];
        let dither = ditherOf(j);
        state0 = fold(state0, shares, loadKey(row, recent, d), dither);
        state1 = fold(state1, shares, loadKey(row, recent, d + 4), dither);
        state2 = fold(state2, shares, loadKey(row, recent, d + 8), dither);
        state3 = fold(state3, shares, loadKey(row, recent, d + 12), dither);
      }
      for (var q = h * groupSize; q < (h + 1) * groupSize; q++) {
        let query = i * rowSize + q * headDim + d;
        var score = state0 * loadQuery(query);
        if (d + 4 < headDim) { score += state1 * loadQuery(query + 4); }
        if (d + 8 < headDim) { score += state2 * loadQuery(query + 8); }
        if (d + 12 < headDim) { score += state3 * loadQuery(query + 12); }
        let weight = (i * queryHeads + q) * quads + id.x;
        if (d > 0) {
          slotWeights[weight] += scale * score;
        } else if (meanSlots) {
          slotWeights[weight] = scale * score + slotShares[(i * kvHeads + h) * quads + id.x + arrayLength(&slotShares) / 2];
        } else {
          slotWeights[weight] = scale * score;
        }
      }
    }
    storeFour(at, count, state0);
    if (d + 4 < headDim) { storeFour(at + 4 * slots, count, state1); }
    if (d + 8 < headDim) { storeFour(at + 8 * slots, count, state2); }
    if (d + 12 < headDim) { storeFour(at + 12 * slots, count, state3); }
  }
}
