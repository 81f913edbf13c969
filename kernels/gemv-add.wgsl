// gemv_add: one vector through a matrix, added to the residual, and what the next norm needs of the sum.
//
//   residual[r] += sum over c of weight[r, c] * input[c]
//   weighted[r]  = residual[r] * norm[r]
//   squares[n]   = sum over r in 8 n … 8 n + 7 of residual[r]^2
//
// One invocation owns eight rows and all columns, so it owns what it adds to and its sum of squares: no barrier. The file of
// the matrix's format is prepended.

override workgroupSize: u32;

struct Shape { rows: u32, cols: u32, paddedRows: u32 }

@group(0) @binding(1) var<uniform> shape: Shape;
@group(0) @binding(4) var<storage, read> norm: array<f32>;           // [R]
@group(0) @binding(5) var<storage, read_write> residual: array<f32>; // [R]
@group(0) @binding(7) var<storage, read_write> squares: array<f32>;  // [R / 8 rounded up]
@group(0) @binding(8) var<storage, read_write> weighted: array<f32>; // [R]

@compute @workgroup_size(workgroupSize)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let row = 8u * id.x;
  if (row >= shape.rows) { return; }

  var sums = product(2u * id.x, 2u * id.x + 1u, shape.paddedRows / 4u, shape.cols / COLUMNS);
  var square = 0.0;
  for (var i = 0u; i < min(8u, shape.rows - row); i++) {
    let value = residual[row + i] + sums[i / 4u][i % 4u];
    residual[row + i] = value;
    weighted[row + i] = value * norm[row + i];
    square += value * value;
  }
  squares[id.x] = square;
}
