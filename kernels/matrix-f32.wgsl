// matrix_f32: four rows of an f32 matrix at a time. Prepended to gemv and gemm.

// One step of a product takes one column.
alias FourRows = vec4f;
const COLUMNS = 1u;

@group(0) @binding(2) var<storage, read> weight: array<vec4f>; // [C, paddedRows]
@group(0) @binding(3) var<storage, read> input: array<f32>;    // [T, C]

fn fourRows(i: u32, group: u32, groups: u32) -> FourRows {
  return weight[i * groups + group];
}

// Four rows each of two groups, times one vector: what the input costs to read is shared by eight rows.
fn product(first: u32, second: u32, groups: u32, steps: u32) -> mat2x4f {
  var sums: mat2x4f;
  for (var i = 0u; i < steps; i++) {
    let columns = input[i];
    sums[0] += fourRows(i, first, groups) * columns;
    sums[1] += fourRows(i, second, groups) * columns;
  }
  return sums;
}
