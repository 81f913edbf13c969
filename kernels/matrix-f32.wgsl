// matrix_f32: four rows of an f32 matrix at a time. Prepended to gemv and gemm.

// One step of a product takes one column.
alias FourRows = vec4f;
const COLUMNS = 1u;

@group(0) @binding(2) var<storage, read> weight: array<vec4f>; // [paddedRows / 4, C] of four rows
@group(0) @binding(3) var<storage, read> input: array<f32>;    // [T, C]

fn fourRows(i: u32, group: u32, steps: u32) -> FourRows {
  return weight[group * steps + i];
}

// One column of a step's weights, and of its inputs.
fn columnOf(rows: FourRows, c: u32) -> vec4f {
  return rows;
}

fn inputOf(x: f32, c: u32) -> f32 {
  return x;
}

// Four rows each of two groups, times one vector: what the input costs to read is shared by eight rows.
fn product(first: u32, second: u32, cols: u32) -> mat2x4f {
  var sums: mat2x4f;
  for (var n = 0u; n < cols / PART; n++) {
    sums = sums + part(first, second, cols, n);
  }
  return sums;
}

// The share that the n-th vec4 of words has in `product`.
const PART = 1u;

fn part(first: u32, second: u32, cols: u32, n: u32) -> mat2x4f {
  let columns = input[n];
  return mat2x4f(
    fourRows(n, first, cols / PART) * columns,
    fourRows(n, second, cols / PART) * columns,
  );
}
