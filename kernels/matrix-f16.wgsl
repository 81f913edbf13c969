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

// Rows 4 * group … 4 * group + 3, times one vector.
fn product(group: u32, groups: u32, steps: u32) -> vec4f {
  var sum = vec4f();
  for (var i = 0u; i < steps; i++) { sum += fourRows(i, group, groups) * input[i]; }
  return sum;
}
