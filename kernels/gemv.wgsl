// gemv: one normalised vector through a matrix, f32 arithmetic.
//
//   output[r] = [bias[r] +] sum over c of weight[r, c] * input[c] / sqrt(sum over n of squares[n] / C + epsilon)
//
// `input` is the residual times the norm's weight, `squares` the sums of the residual's squares, eight channels each: the
// root belongs to the whole vector, so it is applied after the product. One invocation owns eight rows and all columns: its
// weights are next to its neighbour's, no barrier. The file of the matrix's format is prepended.

override epsilon: f32;
override workgroupSize: u32;

struct Shape { rows: u32, cols: u32, paddedRows: u32, hasBias: u32 }

@group(0) @binding(1) var<uniform> shape: Shape;
@group(0) @binding(4) var<storage, read> bias: array<f32>;         // [R], anything when !hasBias
@group(0) @binding(5) var<storage, read_write> output: array<f32>; // [R]
@group(0) @binding(7) var<storage, read> squares: array<f32>;      // [C / 8 rounded up]

fn inverseRms() -> f32 {
  var sum = 0.0;
  for (var n = 0u; n < (shape.cols + 7u) / 8u; n++) { sum += squares[n]; }
  return inverseSqrt(sum / f32(shape.cols) + epsilon);
}

@compute @workgroup_size(workgroupSize)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let row = 8u * id.x;
  if (row >= shape.rows) { return; }

  var sums = product(2u * id.x, 2u * id.x + 1u, shape.paddedRows / 4u, shape.cols / COLUMNS);
  let scale = inverseRms();
  for (var i = 0u; i < min(8u, shape.rows - row); i++) {
    var result = scale * sums[i / 4u][i % 4u];
    if (shape.hasBias != 0u) { result += bias[row + i]; }
    output[row + i] = result;
  }
}
