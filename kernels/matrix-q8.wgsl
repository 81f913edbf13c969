// matrix_q8: four rows of an int8 matrix at a time, with an f16 scale per row and 32 columns. Prepended to gemv and gemm.

// One step of a product takes four columns.
alias FourRows = mat4x4f;
const COLUMNS = 4u;

@group(0) @binding(2) var<storage, read> weight: array<vec4u>; // [C / 4, paddedRows], 4 x int8
@group(0) @binding(3) var<storage, read> input: array<vec4f>;  // [T, C]
@group(0) @binding(6) var<storage, read> scales: array<vec2u>; // [C / 32, paddedRows] f16

// Each int8 stays in the top byte of its word, which is 2^24 times its value; the scale takes that back.
const TOP_BYTE = vec4i(-0x1000000);
const TOP_BYTE_UNIT = 0x1p-24f;

fn integers(words: vec4u) -> mat4x4f {
  let w = bitcast<vec4i>(words);
  return mat4x4f(
    vec4f(w << vec4u(24u)),
    vec4f((w << vec4u(16u)) & TOP_BYTE),
    vec4f((w << vec4u(8u)) & TOP_BYTE),
    vec4f(w & TOP_BYTE),
  );
}

fn fourScales(words: vec2u) -> vec4f {
  return TOP_BYTE_UNIT * vec4f(unpack2x16float(words.x), unpack2x16float(words.y));
}

fn fourRows(i: u32, group: u32, groups: u32) -> FourRows {
  let q = integers(weight[i * groups + group]);
  let scale = fourScales(scales[(i / 8u) * groups + group]);
  return mat4x4f(q[0] * scale, q[1] * scale, q[2] * scale, q[3] * scale);
}

// Four rows each of two groups, times one vector: what the input costs to read is shared by eight rows. Each block of 32
// columns is scaled once.
fn product(first: u32, second: u32, groups: u32, steps: u32) -> mat2x4f {
  var firstSum = vec4f();
  var secondSum = vec4f();
  for (var block = 0u; block < steps / 8u; block++) {
    var firstBlock = vec4f();
    var secondBlock = vec4f();
    for (var i = 8u * block; i < 8u * block + 8u; i++) {
      let columns = input[i];
      firstBlock += integers(weight[i * groups + first]) * columns;
      secondBlock += integers(weight[i * groups + second]) * columns;
    }
    firstSum += firstBlock * fourScales(scales[block * groups + first]);
    secondSum += secondBlock * fourScales(scales[block * groups + second]);
  }
  return mat2x4f(firstSum, secondSum);
}
