// head_norm: every query and key head divided by its root mean square, times a weight per dimension, in place.
//
//   q[t, n, d] = q[t, n, d] * queryWeight[d] / sqrt(mean over d of q[t, n, d]^2 + epsilon)
//   k[t, h, d] = k[t, h, d] * keyWeight[d]   / sqrt(mean over d of k[t, h, d]^2 + epsilon)
//
// One workgroup owns one head of one token; v and z, further along the row, are not touched. Each invocation
// reads and writes only its own dimensions; the one barrier is for the partial sums.

override queryHeads: u32;  // Q
override headDim: u32;     // D
override rowSize: u32;
override epsilon: f32;
const WORKGROUP_SIZE = 32u;

@group(0) @binding(0) var<storage, read_write> projections: array<f32>;  // [T, rowSize]: q [Q, D], k [H, D], v, z
@group(0) @binding(1) var<storage, read> queryWeight: array<f32>;        // [D]
@group(0) @binding(2) var<storage, read> keyWeight: array<f32>;          // [D]

var<workgroup> partial: array<f32, WORKGROUP_SIZE>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) lane: u32) {
  let head = workgroup.x;
  let first = workgroup.y * rowSize + head * headDim;

  var squares = 0.0;
  for (var d = lane; d < headDim; d += WORKGROUP_SIZE) {
    let value = projections[first + d];
    squares += value * value;
  }
  partial[lane] = squares;
  workgroupBarrier();

  var sum = 0.0;
  for (var i = 0u; i < WORKGROUP_SIZE; i++) { sum += partial[i]; }
  let scale = inverseSqrt(sum / f32(headDim) + epsilon);

  for (var d = lane; d < headDim; d += WORKGROUP_SIZE) {
    var weight = keyWeight[d];
    if (head < queryHeads) { weight = queryWeight[d]; }
    projections[first + d] = projections[first + d] * scale * weight;
  }
}
