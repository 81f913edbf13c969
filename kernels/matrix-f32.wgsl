// matrix_f32: four rows of an f32 matrix at a time. Prepended to gemv and gemm.

// One step of a product takes one column.
alias FourRows = vec4f;
const COLUMNS = 1u;

@group(0) @binding(2) var<storage, read> weight: array<vec4f>; // [C, paddedRows]
@group(0) @binding(3) var<storage, read> input: array<f32>;    // [T, C]

fn fourRows(i: u32, group: u32, groups: u32) -> FourRows {
  return weight[i * groups + group];
}

// Rows 4 * group … 4 * group + 3, times one vector.
fn product(group: u32, groups: u32, steps: u32) -> vec4f {
  var sum = vec4f();
  for (var i = 0u; i < steps; i++) { sum += fourRows(i, group, groups) * input[i]; }
  return sum;
}
