// hybrid_attend_values: the values of one decode step: fold the leaving one into the slots, take the softmax over the scores
// and the weighted sum of the values, and put the new token into the ring.
//
//   valueSlots[m] += shares[m] * (v_j - valueSlots[m])             j = position - W leaves, once j >= S
//   partial[q, d] = sum_e exp(score[q, e] - largest) * value[e, d],   total[q] = sum_e exp(score[q, e] - largest)
//
// over a split of `splitSize` entries. Dispatched with one split it writes partial / total, the output itself; with more,
// hybrid_attend_merge adds them up. Which entries a split and a lane hold depends on their number alone, never on positions
// or on the ring's capacity; all slots are in the first split. Entries and rows as in hybrid_attend_scores. One invocation owns
// (4 dimensions, KV head, split, lane), and in the first of split and lane what the window keeps of the new token there: the
// leaving one, whose place it takes, has been read by then. slot-gate.wgsl and window-half.wgsl are prepended, one of
// head-norm-within.wgsl and head-norm-none.wgsl, since it is the normed key that enters the ring, and one of
// hybrid-attend-lanes.wgsl and hybrid-attend-lane.wgsl. A step of 0 tokens writes nothing.

override kvHeads: u32;   // H
override groupSize: u32; // G
override headDim: u32;   // D
override slots: u32;     // M
override maskEmptySlots: bool;
override splitSize: u32;
override workgroupColumns: u32; // divides D / 4

const windowAll = 0xffffffffu;
const lowest = -3.4e38;

struct Step { position: u32, tokens: u32 }
struct Layer { window: u32, slotsOn: u32, sinks: u32 }

@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<uniform> layer: Layer;
@group(0) @binding(2) var<storage, read> scores: array<vec4f>;             // [Q, row], then shares [H, M padded to 4]
@group(0) @binding(3) var<storage, read> projections: array<f32>;          // [q | k | v | z]
@group(0) @binding(4) var<storage, read_write> valueSlots: array<vec4f>;   // [H, M, D]
@group(0) @binding(5) var<storage, read_write> windowKeys: array<vec2u>;   // f16 [S + capacity, H, D]
@group(0) @binding(6) var<storage, read_write> windowValues: array<vec2u>; // f16 [S + capacity, H, D]
@group(0) @binding(7) var<storage, read_write> windowGates: array<u32>;    // f16 [S + capacity, H, M padded to even]
@group(0) @binding(8) var<storage, read_write> partials: array<vec2f>;     // [splits, Q, (weighted sum [D] | total, largest)]
@group(0) @binding(9) var<storage, read_write> output: array<vec4f>;       // [Q, D]

fn projected(at: u32) -> vec4f {
  return vec4f(projections[at], projections[at + 1], projections[at + 2], projections[at + 3]);
}

fn largestScore(row: u32, start: u32, end: u32) -> f32 {
  var maxima = vec4f(lowest);
  for (var quad = start / 4; quad < (end + 3) / 4; quad += lanes) { maxima = max(maxima, scores[row + quad]); }
  return max(max(maxima.x, maxima.y), max(maxima.z, maxima.w));
}

// Four slots' values, folded first if `folds`. Beyond the last slot it is read again: its weight there is 0.
fn slotValues(first: u32, at: vec4u, share: u32, leaving: vec4f, dither: f32, folds: bool) -> mat4x4f {
  var values = mat4x4f(valueSlots[at.x], valueSlots[at.y], valueSlots[at.z], valueSlots[at.w]);
  if (folds) {
    let shares = scores[share];
    values[0] = folded(values[0], vec4f(shares.x), leaving, dither);
    values[1] = folded(values[1], vec4f(shares.y), leaving, dither);
    values[2] = folded(values[2], vec4f(shares.z), leaving, dither);
    values[3] = folded(values[3], vec4f(shares.w), leaving, dither);
    valueSlots[at.x] = values[0];
    if (first + 1 < slots) { valueSlots[at.y] = values[1]; }
    if (first + 2 < slots) { valueSlots[at.z] = values[2]; }
    if (first + 3 < slots) { valueSlots[at.w] = values[3]; }
  }
  return values;
}

struct Place { firstQuery: u32, column: u32, split: u32, splits: u32, lane: u32 }

// What a lane has added up: weighted values, weights, and the score that these are relative to.
struct Sum { values: vec4f, total: f32, largest: f32 }

fn finish(place: Place, g: u32, values: vec4f, totals: vec4f, largest: f32) {
  let sum = gathered(Sum(values, dot(totals, vec4f(1)), largest), place.lane, place.column % workgroupColumns);
  if (place.lane > 0) { return; }
  let columns = headDim / 4;
  let q = place.firstQuery + g;
  if (place.splits == 1) {
    output[q * columns + place.column] = select(sum.values / sum.total, vec4f(), sum.total == 0);
    return;
  }
  let at = (place.split * kvHeads * groupSize + q) * (2 * columns + 1);
  partials[at + 2 * place.column] = sum.values.xy;
  partials[at + 2 * place.column + 1] = sum.values.zw;
  if (place.column == 0) { partials[at + 2 * columns] = vec2f(sum.total, sum.largest); }
}

@compute @workgroup_size(workgroupColumns, 1, lanes)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_id) local: vec3u,
) {
  if (step.tokens == 0) { return; }
  let columns = headDim / 4;
  let column = id.x;
  let h = workgroup.y;
  let split = workgroup.z;
  let queryHeads = kvHeads * groupSize;
  let capacity = arrayLength(&windowValues) / (kvHeads * columns) - layer.sinks;
  let sharesStart = arrayLength(&scores) - kvHeads * ((slots + 3) / 4);
  let row = sharesStart / queryHeads;

  let kept = layer.window + layer.sinks;
  let readable = layer.slotsOn != 0 && layer.window != windowAll;
  let folds = readable && step.position >= kept;
  let slotCount = select(0, slots, folds || (readable && !maskEmptySlots));
  let slotSpan = (slotCount + 3) / 4 * 4;
  let visible = min(kept, step.position + 1);
  let end = min((split + 1) * splitSize, slotSpan + visible);
  let start = split * splitSize + 4 * local.z;

  let isSink = step.position < layer.sinks;
  let isSeen = layer.window > 0 || isSink;
  let newest = select(0xffffffff, slotSpan + visible - 1, isSeen);
  let lastHeld = max(visible - u32(isSeen), 1) - 1;
  let oldest = (step.position + 1 - visible) % capacity;
  let keyAt = (queryHeads + h) * headDim;
  let newWords = toHalves(projected(keyAt + kvHeads * headDim + 4 * column));
  let newValue = halves(newWords);
  var leaving = newValue;
  if (folds && layer.window > 0) {
    let leavingRow = layer.sinks + (step.position - kept) % capacity;
    leaving = halves(windowValues[(leavingRow * kvHeads + h) * columns + column]);
  }

  let dither = ditherOf(step.position - layer.window);
  for (var group = 0u; group < groupSize; group += 4) {
    let heads = min(groupSize - group, 4);
    let rows = (h * groupSize + group + min(vec4u(0, 1, 2, 3), vec4u(heads - 1))) * row;
    var largest = vec4f(largestScore(rows.x, start, end));
    if (groupSize > 1) { largest.y = largestScore(rows.y, start, end); }
    if (groupSize > 2) { largest.z = largestScore(rows.z, start, end); }
    if (groupSize > 3) { largest.w = largestScore(rows.w, start, end); }

    // With `= vec4f()`: without it, SwiftShader keeps what the last round of the outer loop left.
    var sum0 = vec4f();
    var total0 = vec4f();
    var sum1 = vec4f();
    var total1 = vec4f();
    var sum2 = vec4f();
    var total2 = vec4f();
    var sum3 = vec4f();
    var total3 = vec4f();
    for (var entry = start; entry < end; entry += 4 * lanes) {
      var values: mat4x4f;
      if (entry < slotSpan) {
        let at = (h * slots + min(entry + vec4u(0, 1, 2, 3), vec4u(slotCount - 1))) * columns + column;
        values = slotValues(entry, at, sharesStart + (h * ((slots + 3) / 4) + entry / 4), leaving, dither, folds && group == 0);
      } else {
        let age = min(entry - slotSpan + vec4u(0, 1, 2, 3), vec4u(lastHeld));
        let place = oldest + age - layer.sinks;
        let ring = layer.sinks + select(place, place - capacity, place >= vec4u(capacity));
        let at = (select(ring, age, age < vec4u(layer.sinks)) * kvHeads + h) * columns + column;
        values = mat4x4f(
          halves(windowValues[at.x]),
          halves(windowValues[at.y]),
          halves(windowValues[at.z]),
          halves(windowValues[at.w]),
        );
        if (entry + 3 >= newest) {
          values[0] = select(values[0], newValue, entry >= newest);
          values[1] = select(values[1], newValue, entry + 1 >= newest);
          values[2] = select(values[2], newValue, entry + 2 >= newest);
          values[3] = select(values[3], newValue, entry + 3 >= newest);
        }
      }
      let weights = exp(scores[rows.x + entry / 4] - largest.x);
      total0 += weights;
      sum0 += values * weights;
      if (groupSize > 1) {
        let weights = exp(scores[rows.y + entry / 4] - largest.y);
        total1 += weights;
        sum1 += values * weights;
      }
      if (groupSize > 2) {
        let weights = exp(scores[rows.z + entry / 4] - largest.z);
        total2 += weights;
        sum2 += values * weights;
      }
      if (groupSize > 3) {
        let weights = exp(scores[rows.w + entry / 4] - largest.w);
        total3 += weights;
        sum3 += values * weights;
      }
    }

    let place = Place(h * groupSize + group, column, split, workgroups.z, local.z);
    finish(place, 0, sum0, total0, largest.x);
    if (groupSize > 1 && heads > 1) { finish(place, 1, sum1, total1, largest.y); }
    if (groupSize > 2 && heads > 2) { finish(place, 2, sum2, total2, largest.z); }
    if (groupSize > 3 && heads > 3) { finish(place, 3, sum3, total3, largest.w); }
  }

  settle();
  if (split + local.z > 0) { return; }
  let newRow = select(layer.sinks + (step.position - layer.sinks) % capacity, step.position, isSink) * kvHeads + h;
  let scale = headScale(keyAt);
  let newKey = projected(keyAt + 4 * column);
  let normed = vec4f(keyNormed(newKey.xy, 2 * column, scale), keyNormed(newKey.zw, 2 * column + 1, scale));
  windowKeys[newRow * columns + column] = toHalves(normed);
  windowValues[newRow * columns + column] = newWords;
  if (layer.slotsOn == 0) { return; }
  let gateRow = (slots + 1) / 2;
  let gates = (queryHeads + 2 * kvHeads) * headDim + h * slots;
  for (var word = column; word < gateRow; word += columns) {
    let first = logGate(projections[gates + 2 * word]);
    var second = 0.0;
    if (2 * word + 1 < slots) { second = logGate(projections[gates + 2 * word + 1]); }
    windowGates[newRow * gateRow + word] = toHalves(vec4f(first, second, 0.0, 0.0)).x;
  }
}
