// draw_token: one of the K candidates that top_k found, drawn with a number in [0, 1) from the host.
//
//   ranked by logit x, largest first, lowest id among equals;  w[r] = exp((x[r] - x[0]) / temperature)
//   kept   = the first `topK`; of these until their share of the sum reaches topP, at least one; of these w[r] >= minP
//   result = (id, bits of the logit) of the first r with  w[0] + … + w[r] > number * sum of the kept w
//
// One workgroup. Each invocation counts who stands before its candidates; then the first one walks down
// the ranks. A largest logit that is no finite number is the result, so that it shows. ordered-key.wgsl is prepended.

override count: u32;  // K
const workgroupSize = 64u;
const most = 256u;

struct Draw { temperature: f32, topP: f32, minP: f32, number: f32, topK: u32 }

@group(0) @binding(0) var<uniform> draw: Draw;
@group(0) @binding(1) var<storage, read> ids: array<u32>;           // [K], ascending
@group(0) @binding(2) var<storage, read> values: array<f32>;        // [K]
@group(0) @binding(3) var<storage, read_write> result: array<u32>;  // [2]

var<workgroup> keys: array<u32, most>;
var<workgroup> ranked: array<u32, most>; // places among the candidates

fn weight(rank: u32, largest: f32) -> f32 { return exp((values[ranked[rank]] - largest) / draw.temperature); }

fn drawnRank(largest: f32) -> u32 {
  // Infinity or NaN: all bits of the exponent.
  if ((bitcast<u32>(largest) & 0x7f800000u) == 0x7f800000u) { return 0u; }
  let pool = min(draw.topK, count);
  var kept = pool;
  var sum = 0.0;
  for (var rank = 0u; rank < pool; rank++) { sum += weight(rank, largest); }
  if (draw.topP < 1.0 || draw.minP > 0.0) {
    let enough = draw.topP * sum;
    kept = 0u;
    sum = 0.0;
    while (kept < pool && (kept == 0u || sum < enough)) {
      let next = weight(kept, largest);
      if (next < draw.minP) { break; }
      sum += next;
      kept++;
    }
  }
  let wanted = draw.number * sum;
  var passed = 0.0;
  var rank = 0u;
  while (rank + 1u < kept) {
    passed += weight(rank, largest);
    if (passed > wanted) { break; }
    rank++;
  }
  return rank;
}

@compute @workgroup_size(workgroupSize)
fn main(@builtin(local_invocation_index) lane: u32) {
  for (var i = lane; i < count; i += workgroupSize) { keys[i] = orderedKey(values[i]); }
  workgroupBarrier();
  for (var i = lane; i < count; i += workgroupSize) {
    let key = keys[i];
    var before = 0u;
    for (var j = 0u; j < count; j++) { before += u32(keys[j] > key || (keys[j] == key && j < i)); }
    ranked[before] = i;
  }
  workgroupBarrier();
  if (lane > 0u) { return; }
  let at = ranked[drawnRank(values[ranked[0]])];
  result[0] = ids[at];
  result[1] = bitcast<u32>(values[at]);
}
