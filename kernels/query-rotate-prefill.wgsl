// query_rotate_prefill: rotate the queries of a call in place, query i by i positions (RoPE, rotate-half).
//
//   (q[d], q[d + D/2]) <- (q[d] cos - q[d + D/2] sin, q[d + D/2] cos + q[d] sin),  angle i * f[d]
//
// One invocation per (d, q, i) owns one pair.

override queryHeads: u32; // Q
override headDim: u32;    // D
override rowSize: u32;
override workgroupSize: u32;

@group(0) @binding(0) var<storage, read_write> projections: array<f32>; // [T, rowSize], q first
@group(0) @binding(1) var<storage, read> ropeTable: array<vec2f>;       // [rows, D/2, (cos, sin)]

@compute @workgroup_size(workgroupSize)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let pairs = headDim / 2;
  if (id.x >= pairs) { return; }
  let at = id.z * rowSize + id.y * headDim + id.x;
  let turn = ropeTable[id.z * pairs + id.x];
  let first = projections[at];
  let second = projections[at + pairs];
  projections[at] = first * turn.x - second * turn.y;
  projections[at + pairs] = second * turn.x + first * turn.y;
}
