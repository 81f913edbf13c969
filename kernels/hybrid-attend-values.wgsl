// hybrid_attend_values: softmax over the scores of one token and the weighted sum of the values.
//
//   partial[q, d] = sum_e exp(score[q, e] - largest) * value[e, d],   total[q] = sum_e exp(score[q, e] - largest)
//
// over a split of 128 entries. Dispatched with one split it writes partial / total, the output itself; with more,
// hybrid_attend_merge adds them up. Which entries a split holds depends on their number alone, never on positions or
// on the ring's capacity. Entries and rows as in hybrid_attend_scores. One invocation owns (4 dimensions, query head,
// split). No barrier.

override queryHeads: u32; // Q
override kvHeads: u32;    // H
override headDim: u32;    // D
override slots: u32;      // M
override maskEmptySlots: bool;
override workgroupColumns: u32;
override workgroupHeads: u32;

const splitSize = 128u;
const windowAll = 0xffffffffu;
const lowest = -3.4e38;

struct Step { position: u32, tokens: u32 }
struct Layer { window: u32, slotsOn: u32, sinks: u32 }

@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<uniform> layer: Layer;
@group(0) @binding(2) var<storage, read> scores: array<vec4f>;         // [Q, row]
@group(0) @binding(3) var<storage, read> windowValues: array<vec2u>;   // f16 [S + capacity, H, D]
@group(0) @binding(4) var<storage, read> valueSlots: array<vec4f>;     // [H, M, D]
@group(0) @binding(5) var<storage, read_write> partials: array<vec2f>; // [splits, Q, (weighted sum [D] | total, largest)]
@group(0) @binding(6) var<storage, read_write> output: array<vec4f>;   // [Q, D]

fn windowValue(at: u32) -> vec4f {
  let words = windowValues[at];
  return vec4f(unpack2x16float(words.x), unpack2x16float(words.y));
}

@compute @workgroup_size(workgroupColumns, workgroupHeads)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let columns = headDim / 4;
  let column = id.x;
  let q = id.y;
  if (column >= columns || q >= queryHeads) { return; }
  let h = q / (queryHeads / kvHeads);
  let capacity = arrayLength(&windowValues) / (kvHeads * columns) - layer.sinks;
  let row = q * (arrayLength(&scores) / queryHeads);

  let kept = layer.window + layer.sinks;
  let readable = layer.slotsOn != 0 && layer.window != windowAll;
  let slotCount = select(0, slots, readable && (!maskEmptySlots || step.position >= kept));
  let slotSpan = (slotCount + 3) / 4 * 4;
  let visible = min(kept, step.position + 1);
  let oldest = (step.position + 1 - visible) % capacity;
  let start = id.z * splitSize;
  let end = min(start + splitSize, slotSpan + visible);

  var maxima = vec4f(lowest);
  for (var entry = start; entry < end; entry += 4) { maxima = max(maxima, scores[row + entry / 4]); }
  let largest = max(max(maxima.x, maxima.y), max(maxima.z, maxima.w));

  var sum: vec4f;
  var totals: vec4f;
  for (var entry = start; entry < end; entry += 4) {
    let weights = exp(scores[row + entry / 4] - largest);
    totals += weights;
    if (entry < slotSpan) {
      // A gap's weight is 0; it reads the last slot again, so that no stray value is multiplied by it.
      let m = min(entry + vec4u(0, 1, 2, 3), vec4u(slotCount - 1));
      let at = (h * slots + m) * columns + column;
      sum += weights.x * valueSlots[at.x] + weights.y * valueSlots[at.y];
      sum += weights.z * valueSlots[at.z] + weights.w * valueSlots[at.w];
    } else {
      let age = min(entry - slotSpan + vec4u(0, 1, 2, 3), vec4u(visible - 1));
      let place = oldest + age - layer.sinks;
      let ring = layer.sinks + select(place, place - capacity, place >= vec4u(capacity));
      let at = (select(ring, age, age < vec4u(layer.sinks)) * kvHeads + h) * columns + column;
      sum += weights.x * windowValue(at.x) + weights.y * windowValue(at.y);
      sum += weights.z * windowValue(at.z) + weights.w * windowValue(at.w);
    }
  }
  let total = totals.x + totals.y + totals.z + totals.w;

  if (workgroups.z == 1) {
    output[q * columns + column] = select(sum / total, vec4f(), total == 0);
  } else {
    let at = (id.z * queryHeads + q) * (2 * columns + 1);
    partials[at + 2 * column] = sum.xy;
    partials[at + 2 * column + 1] = sum.zw;
    if (column == 0) { partials[at + 2 * columns] = vec2f(total, largest); }
  }
}
