// hybrid_attend_scores: one token's scaled scores, slots first, then the sinks, then the window from its oldest token on.
//
//   scores[q, m]        = D^-1/2 * q.keySlots[m]                   m < M, if the slots are visible
//   scores[q, M' + age] = D^-1/2 * q.R(-n) k    age from 0, distance n = visible - 1 - age
//
// The first S tokens are sinks: never evicted, token j < S in row j of the ring's buffer, any other in row
// S + (j - S) % capacity. Of `visible` = min(W + S, t + 1) entries they are the oldest, at the window's edge.
//
// M' is the number of visible slots rounded up to 4, the whole row is rounded up to 4 as well, and the gaps hold `lowest`.
// One invocation owns (2 entries, KV head, up to 4 of its query heads): a key is rotated once for 4 query heads. No
// barrier: hybrid_attend_values runs in the next dispatch.

override kvHeads: u32;   // H
override groupSize: u32; // G
override headDim: u32;   // D
override slots: u32;     // M
override maskEmptySlots: bool;
override workgroupSize: u32;

const windowAll = 0xffffffffu;
const lowest = -3.4e38;

struct Step { position: u32, tokens: u32 }
struct Layer { window: u32, slotsOn: u32, sinks: u32 }

@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<uniform> layer: Layer;
@group(0) @binding(2) var<storage, read> projections: array<vec2f>;  // [q | k | v | z], of which q is read
@group(0) @binding(3) var<storage, read> windowKeys: array<u32>;     // f16 [S + capacity, H, D], not rotated
@group(0) @binding(4) var<storage, read> keySlots: array<f32>;       // [H, D, M]
@group(0) @binding(5) var<storage, read> ropeTable: array<vec4f>;    // [rows, D/2, (cos, sin)], two pairs a vector
@group(0) @binding(6) var<storage, read_write> scores: array<vec2f>; // [Q, row]

// Products of two keys' dimension pairs, `a` and `b`, with up to 4 query heads: column g is head g.
fn products(at: u32, offsets: vec4u, a: vec2f, b: vec2f) -> mat4x2f {
  var result: mat4x2f;
  let q0 = projections[at];
  result[0] = vec2f(dot(q0, a), dot(q0, b));
  if (groupSize > 1) {
    let q1 = projections[at + offsets.y];
    result[1] = vec2f(dot(q1, a), dot(q1, b));
  }
  if (groupSize > 2) {
    let q2 = projections[at + offsets.z];
    result[2] = vec2f(dot(q2, a), dot(q2, b));
  }
  if (groupSize > 3) {
    let q3 = projections[at + offsets.w];
    result[3] = vec2f(dot(q3, a), dot(q3, b));
  }
  return result;
}

fn slotProducts(query: u32, offsets: vec4u, h: u32, m: vec2u) -> mat4x2f {
  var sum: mat4x2f;
  var at = h * headDim * slots + m;
  for (var i = 0u; i < headDim / 2; i += 2) {
    let a = vec4f(keySlots[at.x], keySlots[at.x + slots], keySlots[at.x + 2 * slots], keySlots[at.x + 3 * slots]);
    let b = vec4f(keySlots[at.y], keySlots[at.y + slots], keySlots[at.y + 2 * slots], keySlots[at.y + 3 * slots]);
    sum += products(query + i, offsets, a.xy, b.xy);
    sum += products(query + i + 1, offsets, a.zw, b.zw);
    at += 4 * slots;
  }
  return sum;
}

fn windowProducts(query: u32, offsets: vec4u, rows: vec2u, distances: vec2u) -> mat4x2f {
  var sum: mat4x2f;
  let quarter = headDim / 4;
  for (var i = 0u; i < quarter; i++) {
    let firstA = unpack2x16float(windowKeys[rows.x + i]);
    let secondA = unpack2x16float(windowKeys[rows.x + quarter + i]);
    let turnA = ropeTable[distances.x * quarter + i];
    let firstB = unpack2x16float(windowKeys[rows.y + i]);
    let secondB = unpack2x16float(windowKeys[rows.y + quarter + i]);
    let turnB = ropeTable[distances.y * quarter + i];
    let lowA = firstA * turnA.xz + secondA * turnA.yw;
    let lowB = firstB * turnB.xz + secondB * turnB.yw;
    let highA = secondA * turnA.xz - firstA * turnA.yw;
    let highB = secondB * turnB.xz - firstB * turnB.yw;
    sum += products(query + i, offsets, lowA, lowB);
    sum += products(query + quarter + i, offsets, highA, highB);
  }
  return sum;
}

@compute @workgroup_size(workgroupSize)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let kept = layer.window + layer.sinks;
  let readable = layer.slotsOn != 0 && layer.window != windowAll;
  let slotCount = select(0, slots, readable && (!maskEmptySlots || step.position >= kept));
  let slotSpan = (slotCount + 3) / 4 * 4;
  let visible = min(kept, step.position + 1);
  let entries = vec2u(2 * id.x, 2 * id.x + 1);
  if (entries.x >= (slotSpan + visible + 3) / 4 * 4) { return; }

  let h = id.y;
  let pairs = headDim / 2;
  let firstQuery = h * groupSize + 4 * id.z;
  let heads = min(groupSize - 4 * id.z, 4);
  let offsets = min(vec4u(0, 1, 2, 3), vec4u(heads - 1)) * pairs;
  var sum: mat4x2f;
  var real: vec2<bool>;
  if (entries.x < slotSpan) {
    real = entries < vec2u(slotCount);
    sum = slotProducts(firstQuery * pairs, offsets, h, min(entries, vec2u(slotCount - 1)));
  } else {
    let ages = entries - slotSpan;
    real = ages < vec2u(visible);
    let held = min(ages, vec2u(visible - 1));
    let distances = visible - 1 - held;
    let capacity = arrayLength(&windowKeys) / (kvHeads * pairs) - layer.sinks;
    let ring = layer.sinks + (step.position - distances - layer.sinks) % capacity;
    let places = select(ring, held, held < vec2u(layer.sinks));
    sum = windowProducts(firstQuery * pairs, offsets, (places * kvHeads + h) * pairs, distances);
  }

  let row = arrayLength(&scores) / (kvHeads * groupSize);
  let scale = inverseSqrt(f32(headDim));
  for (var g = 0u; g < heads; g++) {
    scores[(firstQuery + g) * row + id.x] = select(vec2f(lowest), scale * sum[g], real);
  }
}
