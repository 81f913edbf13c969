// argmax: the largest logit, the lowest id where several are equal.
//
//   result = (id, bits of logits[id]),  id = min { i : logits[i] = max over j of logits[j] }
//
// One workgroup. Each invocation keeps the best of its own ids; after the one barrier the first compares those.
// Floats are compared as integers of the same order (ordered-key.wgsl, prepended), so infinities and NaN (the largest) are
// safe.

override size: u32;  // V
override workgroupSize: u32 = 64;

@group(0) @binding(0) var<storage, read> logits: array<f32>;        // [V]
@group(0) @binding(1) var<storage, read_write> result: array<u32>;  // [2]

var<workgroup> bestKey: array<u32, workgroupSize>;
var<workgroup> bestId: array<u32, workgroupSize>;

@compute @workgroup_size(workgroupSize)
fn main(@builtin(local_invocation_index) lane: u32) {
  var key = 0u;
  var id = 0u;
  for (var i = lane; i < size; i += workgroupSize) {
    let candidate = orderedKey(logits[i]);
    if (candidate > key) {
      key = candidate;
      id = i;
    }
  }
  bestKey[lane] = key;
  bestId[lane] = id;
  workgroupBarrier();

  if (lane > 0u) { return; }
  for (var i = 1u; i < workgroupSize; i++) {
    if (bestKey[i] > key || (bestKey[i] == key && bestId[i] < id)) {
      key = bestKey[i];
      id = bestId[i];
    }
  }
  result[0] = id;
  result[1] = bitcast<u32>(logits[id]);
}
