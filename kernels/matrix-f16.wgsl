// matrix_f16: four rows of an f16 matrix at a time, widened to f32. Prepended to gemv and gemm.

// One step of a product takes two columns.
alias FourRows = mat2x4f;
const COLUMNS = 2u;

@group(0) @binding(2) var<storage, read> weight: array<vec4u>; // [C / 2, paddedRows], 2 x f16
@group(0) @binding(3) var<storage, read> input: array<vec2f>;  // [T, C]

fn fourRows(i: u32, group: u32, groups: u32) -> FourRows {
  let words = weight[i * groups + group];
  let a = unpack2x16float(words.x);
  let b = unpack2x16float(words.y);
  let c = unpack2x16float(words.z);
  let d = unpack2x16float(words.w);
  return mat2x4f(a.x, b.x, c.x, d.x, a.y, b.y, c.y, d.y);
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
