// gemv: one vector through a matrix, f32 arithmetic.
//
//   output[r] = [output[r] +] [bias[r] +] sum over c of weight[r, c] * input[c]
//
// One invocation owns four rows and all columns: its vec4 of weights is next to its neighbour's, no barrier. The file of
// the matrix's format is prepended: it has `product` and what that reads.

override workgroupSize: u32;

struct Shape { rows: u32, cols: u32, paddedRows: u32, hasBias: u32, accumulate: u32 }

@group(0) @binding(1) var<uniform> shape: Shape;
@group(0) @binding(4) var<storage, read> bias: array<f32>;         // [R], anything when !hasBias
@group(0) @binding(5) var<storage, read_write> output: array<f32>; // [R]

@compute @workgroup_size(workgroupSize)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let group = id.x;
  let groups = shape.paddedRows / 4u;
  if (group >= groups) { return; }

  var sums = product(group, groups, shape.cols / COLUMNS);
  for (var i = 0u; i < min(4u, shape.rows - min(shape.rows, group * 4u)); i++) {
    let row = group * 4u + i;
    var result = sums[i];
    if (shape.hasBias != 0u) { result += bias[row]; }
    if (shape.accumulate != 0u) { result += output[row]; }
    output[row] = result;
  }
}
