// matrix_f16: four rows of an f16 matrix at a time, widened to f32. Prepended to gemv and gemm.

// One step of a product takes two columns.
alias FourRows = mat2x4f;
const COLUMNS = 2u;

@group(0) @binding(2) var<storage, read> weight: array<vec4u>; // [paddedRows / 4, C / 2], 2 x f16 of four rows
@group(0) @binding(3) var<storage, read> input: array<vec2f>;  // [T, C]

fn fourRows(i: u32, group: u32, steps: u32) -> FourRows {
  let words = weight[group * steps + i];
  let a = unpack2x16float(words.x);
  let b = unpack2x16float(words.y);
  let c = unpack2x16float(words.z);
  let d = unpack2x16float(words.w);
  return mat2x4f(a.x, b.x, c.x, d.x, a.y, b.y, c.y, d.y);
}

// One column of a step's weights, and of its inputs.
fn columnOf(rows: FourRows, c: u32) -> vec4f {
  return rows[c];
}

fn inputOf(x: vec2f, c: u32) -> f32 {
  return x[c];
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
const PART = 2u;

fn part(first: u32, second: u32, cols: u32, n: u32) -> mat2x4f {
  let columns = input[n];
  return mat2x4f(
    fourRows(n, first, cols / PART) * columns,
    fourRows(n, second, cols / PART) * columns,
  );
}
