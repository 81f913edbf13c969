// hybrid_attend: one token's attention, one softmax over the slots and the window.
//
//   scores = D^-1/2 * [ q.keySlots[m] | q.R(-n) k for every distance n = t - j < window ]
//   output = softmax(scores) . [ valueSlots | values ]
//
// Entries are the visible slots, then the window from its oldest token on. A split is a run of tiles of 256 entries; one
// workgroup owns (KV head, split), so every key is read and rotated once for its G query heads. Dispatched with one
// split it writes the output, else what hybrid_attend_merge adds up. Which entries a split holds depends on their
// number alone, never on positions or on the ring's capacity.
//
// Barriers: per tile one after the scores (atomicMax keeps the largest) and one after the weights; the next tile's
// weights wait for its first barrier, which every reader of the last ones has passed.

override kvHeads: u32;       // H
override groupSize: u32;     // G
override headDim: u32;       // D
override slots: u32;         // M
override maskEmptySlots: bool;
override maxSplits: u32;
override workgroupSize: u32; // at least D/2

const tileSize = 256u;
const maxGroup = 8u;
const windowAll = 0xffffffffu;
const lowest = -3.4e38;

struct Step { position: u32, tokens: u32 }
struct Layer { window: u32, slotsOn: u32 }

@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<uniform> layer: Layer;
@group(0) @binding(2) var<storage, read> projections: array<vec2f>;    // [q | k | v | z], of which q is read
@group(0) @binding(3) var<storage, read> windowKeys: array<u32>;       // f16 [capacity, H, D], not rotated
@group(0) @binding(4) var<storage, read> windowValues: array<u32>;     // f16 [capacity, H, D]
@group(0) @binding(5) var<storage, read> keySlots: array<f32>;         // [H, D, M]
@group(0) @binding(6) var<storage, read> valueSlots: array<vec2f>;     // [H, M, D]
@group(0) @binding(7) var<storage, read> ropeTable: array<vec4f>;      // [rows, D/2, (cos, sin)], two pairs a vector
@group(0) @binding(8) var<storage, read_write> partials: array<vec2f>; // [splits, Q, (weighted sum [D] | total, largest)]
@group(0) @binding(9) var<storage, read_write> output: array<vec2f>;   // [Q, D]

var<workgroup> weights: array<f32, groupSize * tileSize>;
var<workgroup> largest: array<atomic<u32>, maxGroup>; // in the order of toOrdered

// A u32 that sorts as the f32 does, so that atomicMax can find the largest score.
fn toOrdered(x: f32) -> u32 {
  let bits = bitcast<u32>(x);
  return select(bits | 0x80000000u, ~bits, bits >= 0x80000000u);
}

fn fromOrdered(ordered: u32) -> f32 {
  return bitcast<f32>(select(~ordered, ordered & 0x7fffffffu, ordered >= 0x80000000u));
}

fn slotScores(h: u32, m: u32) -> array<f32, maxGroup> {
  var scores: array<f32, maxGroup>;
  let pairs = headDim / 2;
  for (var i = 0u; i < pairs; i++) {
    let at = (h * headDim + 2 * i) * slots + m;
    let key = vec2f(keySlots[at], keySlots[at + slots]);
    for (var g = 0u; g < groupSize; g++) {
      scores[g] += dot(projections[(h * groupSize + g) * pairs + i], key);
    }
  }
  return scores;
}

fn windowScores(h: u32, row: u32, distance: u32) -> array<f32, maxGroup> {
  var scores: array<f32, maxGroup>;
  let quarter = headDim / 4;
  for (var i = 0u; i < quarter; i++) {
    let first = unpack2x16float(windowKeys[row + i]);
    let second = unpack2x16float(windowKeys[row + quarter + i]);
    let turn = ropeTable[distance * quarter + i];
    let low = first * turn.xz + second * turn.yw;
    let high = second * turn.xz - first * turn.yw;
    for (var g = 0u; g < groupSize; g++) {
      let query = (h * groupSize + g) * headDim / 2 + i;
      scores[g] += dot(projections[query], low) + dot(projections[query + quarter], high);
    }
  }
  return scores;
}

@compute @workgroup_size(workgroupSize)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let h = workgroup.x;
  let pairs = headDim / 2;
  let capacity = arrayLength(&windowKeys) / (kvHeads * pairs);
  let scale = inverseSqrt(f32(headDim));

  let readable = layer.slotsOn != 0 && layer.window != windowAll;
  let slotCount = select(0, slots, readable && (!maskEmptySlots || step.position >= layer.window));
  let visible = min(layer.window, step.position + 1);
  let oldest = (step.position + 1 - visible) % capacity;
  let entries = slotCount + visible;
  let tiles = (entries + tileSize - 1) / tileSize;
  let splitSize = (tiles + maxSplits - 1) / maxSplits * tileSize;
  let start = workgroup.y * splitSize;
  let end = min(start + splitSize, entries);

  // Lane (part, column) sums every parts-th entry of two dimensions.
  let parts = min(workgroupSize / pairs, 1 + tileSize / (headDim + 2));
  let part = lane / pairs;
  let column = lane % pairs;
  var sums: array<vec2f, maxGroup>;
  var totals: array<f32, maxGroup>;
  var known: array<f32, maxGroup>;
  for (var g = 0u; g < groupSize; g++) { known[g] = lowest; }

  for (var tile = start; tile < end; tile += tileSize) {
    let count = min(tileSize, end - tile);
    for (var n = lane; n < count; n += workgroupSize) {
      let entry = tile + n;
      var scores: array<f32, maxGroup>;
      if (entry < slotCount) {
        scores = slotScores(h, entry);
      } else {
        let age = entry - slotCount;
        scores = windowScores(h, ((oldest + age) % capacity * kvHeads + h) * pairs, visible - 1 - age);
      }
      for (var g = 0u; g < groupSize; g++) {
        weights[g * tileSize + n] = scale * scores[g];
        atomicMax(&largest[g], toOrdered(scale * scores[g]));
      }
    }
    workgroupBarrier();

    for (var g = 0u; g < groupSize; g++) {
      let now = fromOrdered(atomicLoad(&largest[g]));
      let shrink = exp(known[g] - now);
      sums[g] *= shrink;
      totals[g] *= shrink;
      known[g] = now;
      for (var n = lane; n < count; n += workgroupSize) {
        weights[g * tileSize + n] = exp(weights[g * tileSize + n] - now);
      }
    }
    workgroupBarrier();

    if (part < parts) {
      for (var n = part; n < count; n += parts) {
        let entry = tile + n;
        var value: vec2f;
        if (entry < slotCount) {
          value = valueSlots[(h * slots + entry) * pairs + column];
        } else {
          let row = (oldest + entry - slotCount) % capacity * kvHeads + h;
          value = unpack2x16float(windowValues[row * pairs + column]);
        }
        for (var g = 0u; g < groupSize; g++) {
          let weight = weights[g * tileSize + n];
          sums[g] += weight * value;
          totals[g] += weight;
        }
      }
    }
  }

  workgroupBarrier();
  let stride = headDim + 2;
  if (part > 0 && part < parts) {
    for (var g = 0u; g < groupSize; g++) {
      let at = ((part - 1) * groupSize + g) * stride;
      weights[at + 2 * column] = sums[g].x;
      weights[at + 2 * column + 1] = sums[g].y;
      if (column == 0) { weights[at + headDim] = totals[g]; }
    }
  }
  workgroupBarrier();
  if (part > 0) { return; }
  for (var g = 0u; g < groupSize; g++) {
    var sum = sums[g];
    var total = totals[g];
    for (var other = 0u; other < parts - 1; other++) {
      let at = (other * groupSize + g) * stride;
      sum += vec2f(weights[at + 2 * column], weights[at + 2 * column + 1]);
      total += weights[at + headDim];
    }
    let q = h * groupSize + g;
    if (workgroups.y == 1) {
      output[q * pairs + column] = select(sum / total, vec2f(), total == 0);
    } else {
      let at = (workgroup.y * kvHeads * groupSize + q) * (pairs + 1);
      partials[at + column] = sum;
      if (column == 0) { partials[at + pairs] = vec2f(total, known[g]); }
    }
  }
}
