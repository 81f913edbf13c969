// gemv_swiglu: one normalised vector through the gate and up rows of the MLP, and the gate's SiLU times up.
//
//   scale = 1 / sqrt(sum over n of squares[n] / C + epsilon)
//   gate = scale * sum over c of weight[f, c] * input[c]        up = scale * sum over c of weight[F + f, c] * input[c]
//   output[f] = gate * sigmoid(gate) * up
//
// `input` and `squares` are those of gemv. One invocation owns four rows of the gate, the same four of up and all columns. No
// barrier. The file of the matrix's format is prepended.

override epsilon: f32;
override workgroupSize: u32;

struct Shape { rows: u32, cols: u32, paddedRows: u32 }

@group(0) @binding(1) var<uniform> shape: Shape;
@group(0) @binding(5) var<storage, read_write> output: array<vec4f>; // [F]
@group(0) @binding(7) var<storage, read> squares: array<f32>;        // [C / 8 rounded up]

fn inverseRms() -> f32 {
  var sum = 0.0;
  for (var n = 0u; n < (shape.cols + 7u) / 8u; n++) { sum += squares[n]; }
  return inverseSqrt(sum / f32(shape.cols) + epsilon);
}

// exp only of what is not positive: it cannot overflow.
fn sigmoid(x: vec4f) -> vec4f {
  let e = exp(-abs(x));
  return select(vec4f(1.0), e, x < vec4f(0.0)) / (1.0 + e);
}

@compute @workgroup_size(workgroupSize)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let half = shape.rows / 8u;
  if (id.x >= half) { return; }
  let sums = inverseRms() * product(id.x, half + id.x, shape.paddedRows / 4u, shape.cols / COLUMNS);
  output[id.x] = sums[0] * sigmoid(sums[0]) * sums[1];
}
