// matrix_q4: four rows of a 4-bit matrix at a time, f16 scale and minimum per row and 32 columns. Prepended to gemv and gemm.
//
//   weight[r, c] = scale[r, c / 32] * nibble[r, c] + minimum[r, c / 32]

// One step of a product takes four columns: half a word.
alias FourRows = mat4x4f;
const COLUMNS = 4u;

@group(0) @binding(2) var<storage, read> weight: array<vec4u>; // [paddedRows / 4, C / 8], 8 nibbles of four rows
@group(0) @binding(3) var<storage, read> input: array<vec4f>;  // [T, C]
@group(0) @binding(6) var<storage, read> scales: array<vec4u>; // [paddedRows / 4, C / 32] f16 scale, f16 minimum

// A nibble stays where it is in its word, and the input, or the scale, is divided by what that multiplies it with.
const UNITS = vec4f(1.0, 0x1p-4, 0x1p-8, 0x1p-12);

// Columns 0 … 3 of each word, times 1, 16, 256 and 4096. Signed, because conversion of unsigned words is slow.
fn nibbles(words: vec4u) -> mat4x4f {
  let w = bitcast<vec4i>(words);
  return mat4x4f(
    vec4f(w & vec4i(0xf)),
    vec4f(w & vec4i(0xf0)),
    vec4f(w & vec4i(0xf00)),
    vec4f(w & vec4i(0xf000)),
  );
}

// Column 0 the scales, column 1 the minima of four rows.
fn fourScales(words: vec4u) -> mat2x4f {
  let a = unpack2x16float(words.x);
  let b = unpack2x16float(words.y);
  let c = unpack2x16float(words.z);
  let d = unpack2x16float(words.w);
  return mat2x4f(a.x, b.x, c.x, d.x, a.y, b.y, c.y, d.y);
}

// Columns 4 i … 4 i + 3 of four rows, for gemm; `steps` is C / 4.
fn fourRows(i: u32, group: u32, steps: u32) -> FourRows {
  let q = nibbles(weight[group * (steps / 2u) + i / 2u] >> vec4u(16u * (i % 2u)));
  let block = fourScales(scales[group * (steps / 8u) + i / 8u]);
  return mat4x4f(
    q[0] * block[0] + block[1],
    q[1] * (block[0] * UNITS.y) + block[1],
    q[2] * (block[0] * UNITS.z) + block[1],
    q[3] * (block[0] * UNITS.w) + block[1],
  );
}

// Eight columns of four rows, without scale and minimum. UNITS times the input's first and last four.
fn eightColumns(words: vec4u, low: vec4f, high: vec4f) -> vec4f {
  return nibbles(words) * low + nibbles(words >> vec4u(16u)) * high;
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
    var inputs = vec4f();
    for (var i = 4u * block; i < 4u * block + 4u; i++) {
      let low = input[2u * i];
      let high = input[2u * i + 1u];
      inputs += low + high;
      firstBlock += eightColumns(weight[first * 4u * blocks + i], UNITS * low, UNITS * high);
      secondBlock += eightColumns(weight[second * 4u * blocks + i], UNITS * low, UNITS * high);
    }
    let inputSum = dot(inputs, vec4f(1.0));
    let firstScales = fourScales(scales[first * blocks + block]);
    firstSum += firstBlock * firstScales[0] + inputSum * firstScales[1];
    let secondScales = fourScales(scales[second * blocks + block]);
    secondSum += secondBlock * secondScales[0] + inputSum * secondScales[1];
  }
  return mat2x4f(firstSum, secondSum);
}

// The share that the n-th vec4 of words has in `product`.
const PART = 8u;

fn part(first: u32, second: u32, cols: u32, n: u32) -> mat2x4f {
  let low = input[2u * n];
  let high = input[2u * n + 1u];
  let inputSum = dot(low + high, vec4f(1.0));
  let words = cols / 8u;
  let blocks = cols / 32u;
  let block = n / 4u;
  let firstScales = fourScales(scales[first * blocks + block]);
  let secondScales = fourScales(scales[second * blocks + block]);
  return mat2x4f(
    eightColumns(weight[first * words + n], UNITS * low, UNITS * high) * firstScales[0] + inputSum * firstScales[1],
    eightColumns(weight[second * words + n], UNITS * low, UNITS * high) * secondScales[0] + inputSum * secondScales[1],
  );
}
