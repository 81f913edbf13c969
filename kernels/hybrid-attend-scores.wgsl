// hybrid_attend_scores: the keys of one decode step: fold the leaving one into the slots, then score slots, sinks and window.
//
//   keySlots[m]        += s[m] * (k_j - keySlots[m])               j = position - W leaves, once j >= S
//   scores[q, m]        = D^-1/2 * q.keySlots[m]                   m < M, if the slots are visible
//   scores[q, M' + age] = D^-1/2 * q.R(-n) k    age from 0, distance n = visible - 1 - age
//   shares[h, m]        = s[m] = 1 - exp(logGate_j[m])             for hybrid_attend_values
//
// With edgeSlots it is R(-(W + S)) k_j that is folded, turned as the key of a token just beyond what is seen. With meanSlots a
// slot is divided by its mass: c[m] = (1 - s[m]) * c[m] + s[m], then s[m] / c[m] is taken instead of s[m]. With countSlots
// log(n[m] / M) is added to its scores, n[m] = (1 - s[m]) * n[m] + 1. A slot that took nothing yet is hidden.
//
// The first S tokens are sinks: never evicted, token j < S in row j of the ring's buffer, any other in row
// S + (j - S) % capacity. Of `visible` = min(W + S, t + 1) entries they are the oldest, at the window's edge. The newest entry
// is not in the ring yet, where the leaving one still has its place: it is read from the projections, rounded to f16.
//
// M' is the number of visible slots rounded up to 4, the whole row is rounded up to 4 as well, and the gaps hold `lowest`.
// One invocation owns (2 entries, KV head): a slot is folded and a key rotated once for 4 query heads. No barrier:
// hybrid_attend_values runs in the next dispatch. slot-mean.wgsl, slot-gate.wgsl and window-half.wgsl are prepended, and one of
// head-norm-within.wgsl and head-norm-none.wgsl: with norms q and k above are the normed ones. A step of 0 tokens folds nothing.

override kvHeads: u32;   // H
override groupSize: u32; // G
override headDim: u32;   // D
override maskEmptySlots: bool;
override edgeSlots: bool;
override meanSlots: bool;
override workgroupSize: u32;

const windowAll = 0xffffffffu;

struct Step { position: u32, tokens: u32 }
struct Layer { window: u32, slotsOn: u32, sinks: u32 }

@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<uniform> layer: Layer;
@group(0) @binding(2) var<storage, read> projections: array<vec2f>;      // [q | k | v | z], of which q and k are read
@group(0) @binding(3) var<storage, read> windowKeys: array<u32>;         // f16 [S + capacity, H, D], not rotated
@group(0) @binding(4) var<storage, read> windowGates: array<u32>;        // f16 [S + capacity, H, M padded to even]
@group(0) @binding(5) var<storage, read_write> keySlots: array<f32>;     // [H, D, M], then c and n [2, H, M] with meanSlots
@group(0) @binding(6) var<storage, read> ropeTable: array<vec4f>;        // [rows, D/2, (cos, sin)], two pairs a vector
@group(0) @binding(7) var<storage, read_write> scores: array<vec2f>;     // [Q, row], then shares [H, M padded to 4]
@group(0) @binding(8) var<storage, read> projectionScalars: array<f32>;  // projections again, for z

// Two entries of one KV head and up to 4 of its query heads, whose queries begin `offsets` after the first.
struct Part {
  query: u32,
  offsets: vec4u,
  key: u32, // the newest key, in projections
  keyScale: f32, // of its norm, where it is read
}

// Elements at … at + 3 of the projections, `at` a multiple of 4.
fn projected(at: u32) -> vec4f {
  return vec4f(projections[at / 2], projections[at / 2 + 1]);
}

// Add the products of two keys' dimension pairs, `a` and `b`, with up to 4 query heads: column g is head g.
fn addProducts(sum: ptr<function, mat4x2f>, part: Part, i: u32, a: vec2f, b: vec2f) {
  let at = part.query + i;
  let q0 = projections[at];
  (*sum)[0] += vec2f(dot(q0, a), dot(q0, b));
  if (groupSize > 1) {
    let q1 = projections[at + part.offsets.y];
    (*sum)[1] += vec2f(dot(q1, a), dot(q1, b));
  }
  if (groupSize > 2) {
    let q2 = projections[at + part.offsets.z];
    (*sum)[2] += vec2f(dot(q2, a), dot(q2, b));
  }
  if (groupSize > 3) {
    let q3 = projections[at + part.offsets.w];
    (*sum)[3] += vec2f(dot(q3, a), dot(q3, b));
  }
}

fn queryScales(part: Part) -> vec4f {
  var scales = vec4f(headScale(2 * part.query));
  if (groupSize > 1) { scales.y = headScale(2 * (part.query + part.offsets.y)); }
  if (groupSize > 2) { scales.z = headScale(2 * (part.query + part.offsets.z)); }
  if (groupSize > 3) { scales.w = headScale(2 * (part.query + part.offsets.w)); }
  return scales;
}

// Dimensions 2i and 2i + 1 of the newest key, rounded as the window keeps them.
fn newestKey(part: Part, i: u32) -> vec2f {
  let pair = keyNormed(projections[part.key + i], i, part.keyScale);
  return halves(toHalves(vec4f(pair, vec2f()))).xy;
}

// Dimensions 2i and 2i + 1 of the leaving key.
fn leavingWord(part: Part, row: u32, i: u32) -> vec2f {
  if (layer.window == 0) { return newestKey(part, i); }
  return unpack2x16float(windowKeys[row * (headDim / 2) + i]);
}

fn leavingKey(part: Part, row: u32, i: u32) -> vec2f {
  let own = leavingWord(part, row, i);
  if (!edgeSlots) { return own; }
  let quarter = headDim / 4;
  let isFirst = i < quarter;
  let other = leavingWord(part, row, select(i - quarter, i + quarter, isFirst));
  let turn = ropeTable[(layer.window + layer.sinks) * quarter + i % quarter];
  return own * turn.xz + select(-other, other, isFirst) * turn.yw;
}

// What slot m of head h takes of the leaving token.
fn shareOf(row: u32, h: u32, m: u32) -> f32 {
  if (layer.window == 0) {
    let z = (kvHeads * (groupSize + 2)) * headDim + h * slots + m;
    return writeShare(halves(toHalves(vec4f(logGate(projectionScalars[z])))).x);
  }
  return writeShare(half(windowGates[row * ((slots + 1) / 2) + m / 2], m));
}

fn loadSlot(at: u32) -> vec4f {
  return vec4f(keySlots[at], keySlots[at + slots], keySlots[at + 2 * slots], keySlots[at + 3 * slots]);
}

fn storeSlot(at: u32, four: vec4f) {
  keySlots[at] = four.x;
  keySlots[at + slots] = four.y;
  keySlots[at + 2 * slots] = four.z;
  keySlots[at + 3 * slots] = four.w;
}

fn slotProducts(part: Part, first: vec2u) -> mat4x2f {
  var sum: mat4x2f;
  var at = first;
  for (var i = 0u; i < headDim / 2; i += 2) {
    let keys = queryWeighed(mat2x4f(loadSlot(at.x), loadSlot(at.y)), i / 2);
    addProducts(&sum, part, i, keys[0].xy, keys[1].xy);
    addProducts(&sum, part, i + 1, keys[0].zw, keys[1].zw);
    at += 4 * slots;
  }
  return sum;
}

// Both slots are read before either is written: beyond the last slot it is the same one twice.
fn foldedProducts(part: Part, first: vec2u, row: u32, share: vec2f) -> mat4x2f {
  let dither = ditherOf(step.position - layer.window);
  var sum: mat4x2f;
  var at = first;
  for (var i = 0u; i < headDim / 2; i += 2) {
    let key = vec4f(leavingKey(part, row, i), leavingKey(part, row, i + 1));
    var a = loadSlot(at.x);
    var b = loadSlot(at.y);
    a = folded(a, vec4f(share.x), key, dither);
    b = folded(b, vec4f(share.y), key, dither);
    storeSlot(at.x, a);
    storeSlot(at.y, b);
    let keys = queryWeighed(mat2x4f(a, b), i / 2);
    addProducts(&sum, part, i, keys[0].xy, keys[1].xy);
    addProducts(&sum, part, i + 1, keys[0].zw, keys[1].zw);
    at += 4 * slots;
  }
  return sum;
}

fn windowProducts(part: Part, rows: vec2u, distances: vec2u) -> mat4x2f {
  var sum: mat4x2f;
  let quarter = headDim / 4;
  let words = rows * (headDim / 2);
  for (var i = 0u; i < quarter; i++) {
    let firstA = unpack2x16float(windowKeys[words.x + i]);
    let secondA = unpack2x16float(windowKeys[words.x + quarter + i]);
    let turnA = ropeTable[distances.x * quarter + i];
    let firstB = unpack2x16float(windowKeys[words.y + i]);
    let secondB = unpack2x16float(windowKeys[words.y + quarter + i]);
    let turnB = ropeTable[distances.y * quarter + i];
    let lowA = firstA * turnA.xz + secondA * turnA.yw;
    let lowB = firstB * turnB.xz + secondB * turnB.yw;
    let highA = secondA * turnA.xz - firstA * turnA.yw;
    let highB = secondB * turnB.xz - firstB * turnB.yw;
    let low = pairWeighed(vec4f(lowA, lowB), i);
    let high = pairWeighed(vec4f(highA, highB), quarter + i);
    addProducts(&sum, part, i, low.xy, low.zw);
    addProducts(&sum, part, quarter + i, high.xy, high.zw);
  }
  return sum;
}

// In distance 0 nothing is rotated.
fn newestProducts(part: Part) -> mat4x2f {
  var sum: mat4x2f;
  for (var i = 0u; i < headDim / 2; i++) {
    let key = pairWeighed(newestKey(part, i).xyxy, i);
    addProducts(&sum, part, i, key.xy, key.xy);
  }
  return sum;
}

@compute @workgroup_size(workgroupSize)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (step.tokens == 0) { return; }
  let kept = layer.window + layer.sinks;
  let readable = layer.slotsOn != 0 && layer.window != windowAll;
  let folds = readable && step.position >= kept;
  let slotCount = select(0, slots, folds || (readable && !maskEmptySlots));
  let slotSpan = (slotCount + 3) / 4 * 4;
  let visible = min(kept, step.position + 1);
  let entries = vec2u(2 * id.x, 2 * id.x + 1);
  if (entries.x >= (slotSpan + visible + 3) / 4 * 4) { return; }

  let h = id.y;
  let pairs = headDim / 2;
  let capacity = arrayLength(&windowKeys) / (kvHeads * pairs) - layer.sinks;
  let scoresEnd = arrayLength(&scores) - kvHeads * ((slots + 3) / 4 * 2);
  let row = scoresEnd / (kvHeads * groupSize);
  let isSlot = entries.x < slotSpan;
  let slot = min(entries, vec2u(max(slotCount, 1) - 1));
  let ages = entries - slotSpan;
  let held = min(ages, vec2u(max(visible, 1) - 1));
  let leavingRow = (layer.sinks + (step.position - kept) % capacity) * kvHeads + h;
  // Beyond the last slot there is nothing to fold, and the share is 0.
  let foldsSlot = isSlot && folds && entries.x < slotCount;
  var share: vec2f;
  var bias: vec2f;
  if (foldsSlot) {
    share = vec2f(shareOf(leavingRow, h, slot.x), shareOf(leavingRow, h, slot.y));
    if (meanSlots) {
      let mass = (kvHeads * headDim + h) * slots + slot;
      let count = mass + kvHeads * slots;
      let masses = (1 - share) * vec2f(keySlots[mass.x], keySlots[mass.y]) + share;
      let counts = (1 - share) * vec2f(keySlots[count.x], keySlots[count.y]) + 1;
      keySlots[mass.x] = masses.x;
      keySlots[mass.y] = masses.y;
      keySlots[count.x] = counts.x;
      keySlots[count.y] = counts.y;
      share = meanShare(vec4f(share, 0, 0), vec4f(masses, 0, 0)).xy;
      bias = slotBias(vec4f(masses, 0, 0), vec4f(counts, 1, 1)).xy;
    }
  }
  if (isSlot && folds) {
    scores[scoresEnd + h * ((slots + 3) / 4 * 2) + id.x] = share;
  }

  let isNewest = vec2<bool>(!isSlot) & (ages == vec2u(visible - 1)) & vec2<bool>(layer.window > 0 || step.position < layer.sinks);
  let key = (kvHeads * groupSize + h) * pairs;
  var keyScale = 1.0;
  if (any(isNewest) || (foldsSlot && layer.window == 0)) { keyScale = headScale(2 * key); }

  for (var group = 0u; group < groupSize; group += 4) {
    let heads = min(groupSize - group, 4);
    let firstQuery = h * groupSize + group;
    let offsets = min(vec4u(0, 1, 2, 3), vec4u(heads - 1)) * pairs;
    let part = Part(firstQuery * pairs, offsets, key, keyScale);
    var sum: mat4x2f;
    var real: vec2<bool>;
    if (isSlot) {
      real = entries < vec2u(slotCount);
      let first = h * headDim * slots + slot;
      if (foldsSlot && group == 0) {
        sum = foldedProducts(part, first, leavingRow, share);
      } else {
        sum = slotProducts(part, first);
      }
    } else {
      real = ages < vec2u(visible);
      let distances = visible - 1 - held;
      let ring = layer.sinks + (step.position - distances - layer.sinks) % capacity;
      let places = select(ring, held, held < vec2u(layer.sinks));
      sum = windowProducts(part, places * kvHeads + h, distances);
      if (any(isNewest)) {
        let fresh = newestProducts(part);
        sum[0] = select(sum[0], fresh[0], isNewest);
        sum[1] = select(sum[1], fresh[1], isNewest);
        sum[2] = select(sum[2], fresh[2], isNewest);
        sum[3] = select(sum[3], fresh[3], isNewest);
      }
    }
    let scales = inverseSqrt(f32(headDim)) * queryScales(part);
    let at = firstQuery * row + id.x;
    scores[at] = select(vec2f(lowest), scales.x * sum[0] + bias, real);
    if (groupSize > 1 && heads > 1) { scores[at + row] = select(vec2f(lowest), scales.y * sum[1] + bias, real); }
    if (groupSize > 2 && heads > 2) { scores[at + 2 * row] = select(vec2f(lowest), scales.z * sum[2] + bias, real); }
    if (groupSize > 3 && heads > 3) { scores[at + 3 * row] = select(vec2f(lowest), scales.w * sum[3] + bias, real); }
  }
}
