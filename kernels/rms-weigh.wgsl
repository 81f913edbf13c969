// rms_weigh: what gemv needs of one token's residual in place of its norm.
//
//   weighted[c] = residual[c] * norm[c]
//   squares[n]  = sum over c in 8 n … 8 n + 7 of residual[c]^2
//
// One invocation owns eight channels, so no barrier.

override size: u32;  // C
override workgroupSize: u32;

@group(0) @binding(0) var<storage, read> residual: array<f32>;       // [C]
@group(0) @binding(1) var<storage, read> norm: array<f32>;           // [C]
@group(0) @binding(2) var<storage, read_write> weighted: array<f32>; // [C]
@group(0) @binding(3) var<storage, read_write> squares: array<f32>;  // [C / 8 rounded up]

@compute @workgroup_size(workgroupSize)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let first = 8u * id.x;
  if (first >= size) { return; }
  var square = 0.0;
  for (var c = first; c < min(first + 8u, size); c++) {
    weighted[c] = residual[c] * norm[c];
    square += residual[c] * residual[c];
  }
  squares[id.x] = square;
}
