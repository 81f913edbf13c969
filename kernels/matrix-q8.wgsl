// matrix_q8: four rows of an int8 matrix at a time, with an f16 scale per row and 32 columns. Prepended to gemv and gemm.

// One step of a product takes four columns.
alias FourRows = mat4x4f;
const COLUMNS = 4u;

@group(0) @binding(2) var<storage, read> weight: array<vec4u>; // [paddedRows / 4, C / 4], 4 x int8 of four rows
@group(0) @binding(3) var<storage, read> input: array<vec4f>;  // [T, C]
@group(0) @binding(6) var<storage, read> scales: array<vec2u>; // [paddedRows / 4, C / 32] f16 of four rows

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

// Columns 4 i … 4 i + 3 of four rows, for gemm; `steps` is C / 4.
fn fourRows(i: u32, group: u32, steps: u32) -> FourRows {
  let q = integers(weight[group * steps + i]);
  let scale = fourScales(scales[group * (steps / 8u) + i / 8u]);
  return mat4x4f(q[0] * scale, q[1] * scale, q[2] * scale, q[3] * scale);
}

// One column of a step's weights, and of its inputs.
fn columnOf(rows: FourRows, c: u32) -> vec4f {
  return rows[c];
}

fn inputOf(x: vec4f, c: u32) -> f32 {
  return x[c];
}

// Four rows each of two groups, times one vector: what the input costs to read is shared by eight rows. Each block of 32
// columns is scaled once.
fn product(first: u32, second: u32, cols: u32) -> mat2x4f {
  let blocks = cols / 32u;
  var firstSum = vec4f();
  var secondSum = vec4f();
  for (var block = 0u; block < blocks; block++) {
    var firstBlock = vec4f();
    var secondBlock = vec4f();
    for (var i = 8u * block; i < 8u * block + 8u; i++) {
      let columns = input[i];
      firstBlock += integers(weight[first * 8u * blocks + i]) * columns;
      secondBlock += integers(weight[second * 8u * blocks + i]) * columns;
    }
    firstSum += firstBlock * fourScales(scales[first * blocks + block]);
    secondSum += secondBlock * fourScales(scales[second * blocks + block]);
  }
  return mat2x4f(firstSum, secondSum);
}

// The share that the n-th vec4 of words has in `product`.
const PART = 4u;

fn part(first: u32, second: u32, cols: u32, n: u32) -> mat2x4f {
  let columns = input[n];
  let words = cols / 4u;
  let blocks = cols / 32u;
  let block = n / 8u;
  return mat2x4f(
    (integers(weight[first * words + n]) * columns) * fourScales(scales[first * blocks + block]),
    (integers(weight[second * words + n]) * columns) * fourScales(scales[second * blocks + block]),
  );
}
