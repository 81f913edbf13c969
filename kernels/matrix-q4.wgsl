// matrix_q4: four rows of a 4-bit matrix at a time, f16 scale and minimum per row and 32 columns. Prepended to gemv and gemm.
//
//   weight[r, c] = scale[r, c / 32] * nibble[r, c] + minimum[r, c / 32]

// One step of a product takes four columns: half a word.
alias FourRows = mat4x4f;
const COLUMNS = 4u;

@group(0) @binding(2) var<storage, read> weight: array<vec4u>; // [C / 8, paddedRows], 8 nibbles, the first column lowest
@group(0) @binding(3) var<storage, read> input: array<vec4f>;  // [T, C]
@group(0) @binding(6) var<storage, read> scales: array<vec4u>; // [C / 32, paddedRows] f16 scale, f16 minimum

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

fn fourRows(i: u32, group: u32, groups: u32) -> FourRows {
  let q = nibbles(weight[(i / 2u) * groups + group] >> vec4u(16u * (i % 2u)));
  let block = fourScales(scales[(i / 8u) * groups + group]);
  return mat4x4f(
    q[0] * block[0] + block[1],
    q[1] * (block[0] * UNITS.y) + block[1],
    q[2] * (block[0] * UNITS.z) + block[1],
    q[3] * (block[0] * UNITS.w) + block[1],
  );
}

// Four rows each of two groups, times one vector: what the input costs to read is shared by eight rows. Each block of 32
// columns is scaled once.
fn product(first: u32, second: u32, groups: u32, steps: u32) -> mat2x4f {
  var firstSum = vec4f();
  var secondSum = vec4f();
  for (var block = 0u; block < steps / 8u; block++) {
    var firstBlock = vec4f();
    var secondBlock = vec4f();
    var inputs = vec4f();
    for (var i = 4u * block; i < 4u * block + 4u; i++) {
      let low = input[2u * i];
      let high = input[2u * i + 1u];
      inputs += low + high;
      let firstWords = weight[i * groups + first];
      firstBlock += nibbles(firstWords) * (UNITS * low) + nibbles(firstWords >> vec4u(16u)) * (UNITS * high);
      let secondWords = weight[i * groups + second];
      secondBlock += nibbles(secondWords) * (UNITS * low) + nibbles(secondWords >> vec4u(16u)) * (UNITS * high);
    }
    let inputSum = dot(inputs, vec4f(1.0));
    let firstScales = fourScales(scales[block * groups + first]);
    firstSum += firstBlock * firstScales[0] + inputSum * firstScales[1];
    let secondScales = fourScales(scales[block * groups + second]);
    secondSum += secondBlock * secondScales[0] + inputSum * secondScales[1];
  }
  return mat2x4f(firstSum, secondSum);
}
