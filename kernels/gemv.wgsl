// gemv: one normalised vector through a matrix, f32 arithmetic.
//
//   output[r] = [bias[r] +] sum over c of weight[r, c] * input[c] / sqrt(sum over n of squares[n] / C + epsilon)
//
// `input` is the residual times the norm's weight, `squares` the sums of the residual's squares, eight channels each: the
// root belongs to the whole vector, so it is applied after the product. A unit is eight rows; who has which of their columns
// is the schedule's choice. Its files, and that of the matrix's format, are prepended.

override epsilon: f32;
override workgroupSize: u32;

struct Shape { rows: u32, cols: u32, hasBias: u32 }

@group(0) @binding(1) var<uniform> shape: Shape;
@group(0) @binding(4) var<storage, read> bias: array<f32>;         // [R], anything when !hasBias
@group(0) @binding(5) var<storage, read_write> output: array<f32>; // [R]
@group(0) @binding(7) var<storage, read> squares: array<f32>;      // [C / 8 rounded up]

fn shareOfSquares(lane: u32) -> f32 {
  var sum = 0.0;
  for (var n = lane; n < (shape.cols + 7u) / 8u; n += lanes) { sum += squares[n]; }
  return sum;
}

@compute @workgroup_size(workgroupSize)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let unit = id.x / lanes;
  let lane = id.x % lanes;
  let share = rowsTimesInput(2u * unit, 2u * unit + 1u, lane, shape.cols);
  var sums = total(mat3x4f(share[0], share[1], vec4f(shareOfSquares(lane))), lane);
  // Only now: before a sum of all, nobody may be missing.
  let row = 8u * unit;
  if (lane != 0u || row >= shape.rows) { return; }

  let scale = inverseSqrt(sums[2].x / f32(shape.cols) + epsilon);
  for (var i = 0u; i < min(8u, shape.rows - row); i++) {
    var result = scale * sums[i / 4u][i % 4u];
    if (shape.hasBias != 0u) { result += bias[row + i]; }
    output[row + i] = result;
  }
}
