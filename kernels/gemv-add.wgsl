// gemv_add: one vector through a matrix, added to the residual, and what the next norm needs of the sum.
//
//   residual[r] += sum over c of weight[r, c] * input[c]
//   weighted[r]  = residual[r] * norm[r]
//   squares[n]   = sum over r in 8 n … 8 n + 7 of residual[r]^2
//
// A unit is eight rows, so it owns what it adds to and its sum of squares; who has which of their columns is the schedule's
// choice. Its files, and that of the matrix's format, are prepended.

override workgroupSize: u32;

struct Shape { rows: u32, cols: u32 }

@group(0) @binding(1) var<uniform> shape: Shape;
@group(0) @binding(4) var<storage, read> norm: array<f32>;           // [R]
@group(0) @binding(5) var<storage, read_write> residual: array<f32>; // [R]
@group(0) @binding(7) var<storage, read_write> squares: array<f32>;  // [R / 8 rounded up]
@group(0) @binding(8) var<storage, read_write> weighted: array<f32>; // [R]

@compute @workgroup_size(workgroupSize)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let unit = id.x / lanes;
  let lane = id.x % lanes;
  let share = rowsTimesInput(2u * unit, 2u * unit + 1u, lane, shape.cols);
  var sums = total(mat3x4f(share[0], share[1], vec4f()), lane);
  // Only now: before a sum of all, nobody may be missing.
  let row = 8u * unit;
  if (lane != 0u || row >= shape.rows) { return; }

  var square = 0.0;
  for (var i = 0u; i < min(8u, shape.rows - row); i++) {
    let value = residual[row + i] + sums[i / 4u][i % 4u];
    residual[row + i] = value;
    weighted[row + i] = value * norm[row + i];
    square += value * value;
  }
  squares[unit] = square;
}
