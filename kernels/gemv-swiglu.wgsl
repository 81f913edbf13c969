// gemv_swiglu: one normalised vector through the gate and up rows of the MLP, and the gate's SiLU times up.
//
//   scale = 1 / sqrt(sum over n of squares[n] / C + epsilon)
//   gate = scale * sum over c of weight[f, c] * input[c]        up = scale * sum over c of weight[F + f, c] * input[c]
//   output[f] = gate * sigmoid(gate) * up
//
// `input` and `squares` are those of gemv. A unit is four rows of the gate and the same four of up; who has which of their
// columns is the schedule's choice. Its files, and that of the matrix's format, are prepended.

override epsilon: f32;
override workgroupSize: u32;

struct Shape { rows: u32, cols: u32 }

@group(0) @binding(1) var<uniform> shape: Shape;
@group(0) @binding(5) var<storage, read_write> output: array<vec4f>; // [F]
@group(0) @binding(7) var<storage, read> squares: array<f32>;        // [C / 8 rounded up]

fn shareOfSquares(lane: u32) -> f32 {
  var sum = 0.0;
  for (var n = lane; n < (shape.cols + 7u) / 8u; n += lanes) { sum += squares[n]; }
  return sum;
}

// exp only of what is not positive: it cannot overflow.
fn sigmoid(x: vec4f) -> vec4f {
  let e = exp(-abs(x));
  return select(vec4f(1.0), e, x < vec4f(0.0)) / (1.0 + e);
}

@compute @workgroup_size(workgroupSize)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let unit = id.x / lanes;
  let lane = id.x % lanes;
  let units = shape.rows / 8u;
  let share = rowsTimesInput(unit, units + unit, lane, shape.cols);
  let sums = total(mat3x4f(share[0], share[1], vec4f(shareOfSquares(lane))), lane);
  // Only now: before a sum of all, nobody may be missing.
  if (lane != 0u || unit >= units) { return; }

  let scale = inverseSqrt(sums[2].x / f32(shape.cols) + epsilon);
  let gate = scale * sums[0];
  output[unit] = gate * sigmoid(gate) * (scale * sums[1]);
}
