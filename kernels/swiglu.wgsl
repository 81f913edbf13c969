// swiglu: the gate of the MLP, through SiLU, times the up projection.
//
//   output[t, f] = gate[t, f] * sigmoid(gate[t, f]) * up[t, f]
//
// One invocation per (t, f); each writes one element, so no barrier.

override size: u32;  // F
override workgroupSize: u32 = 64;

@group(0) @binding(0) var<storage, read> gateUp: array<f32>;        // [T, 2, F]: gate, then up
@group(0) @binding(1) var<storage, read_write> output: array<f32>;  // [T, F]

// exp only of what is not positive: it cannot overflow.
fn sigmoid(x: f32) -> f32 {
  let e = exp(-abs(x));
  return select(1.0, e, x < 0.0) / (1.0 + e);
}

@compute @workgroup_size(workgroupSize)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let f = id.x;
  let t = id.y;
  if (f >= size) { return; }
  let gate = gateUp[t * 2u * size + f];
  output[t * size + f] = gate * sigmoid(gate) * gateUp[(t * 2u + 1u) * size + f];
}
