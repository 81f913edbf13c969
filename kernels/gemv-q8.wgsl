// gemv_q8: one vector through a matrix of int8 weights with an f16 scale per 32 columns, f32 arithmetic.
//
//   output[r] = [output[r] +] bias[r] + sum over c of scales[r, c / 32] * weight[r, c] * input[c]
//
// One invocation owns four rows and all columns: its vec4 of weights is next to its neighbour's, no barrier.

override rows: u32;        // R
override cols: u32;        // C, a multiple of 32
override paddedRows: u32;  // R, padded to 8
override hasBias: bool;
override accumulate: bool;
override workgroupSize: u32 = 32;

@group(0) @binding(0) var<storage, read> weight: array<vec4u>;         // [C / 4, paddedRows], 4 x int8
@group(0) @binding(1) var<storage, read> input: array<vec4f>;          // [C]
@group(0) @binding(2) var<storage, read> bias: array<f32>;             // [R], anything when !hasBias
@group(0) @binding(3) var<storage, read_write> output: array<f32>;     // [R]
@group(0) @binding(4) var<storage, read> scales: array<vec2u>;         // [C / 32, paddedRows] f16

// Each int8 stays in the top byte of its word, which is 2^24 times its value: two shifts less than sign extension.
const TOP_BYTE = vec4i(-0x1000000);
const TOP_BYTE_UNIT = 0x1p-24f;

// Four columns of four rows, times 2^24.
fn fourRows(words: vec4u) -> mat4x4f {
  let w = bitcast<vec4i>(words);
  return mat4x4f(
    vec4f(w << vec4u(24u)),
    vec4f((w << vec4u(16u)) & TOP_BYTE),
    vec4f((w << vec4u(8u)) & TOP_BYTE),
    vec4f(w & TOP_BYTE),
  );
}

fn store(row: u32, sum: f32) {
  if (row >= rows) { return; }
  var result = sum;
  if (hasBias) { result += bias[row]; }
  if (accumulate) { result += output[row]; }
  output[row] = result;
}

@compute @workgroup_size(workgroupSize)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let group = id.x;
  let groups = paddedRows / 4u;
  if (group >= groups) { return; }

  var sum = vec4f();
  for (var block = 0u; block < cols / 32u; block++) {
    let first = block * 8u;
    var blockSum = vec4f();
    for (var quad = first; quad < first + 8u; quad++) {
      blockSum += fourRows(weight[quad * groups + group]) * input[quad];
    }
    let scale = scales[block * groups + group];
    sum += blockSum * TOP_BYTE_UNIT * vec4f(unpack2x16float(scale.x), unpack2x16float(scale.y));
  }

  store(group * 4u, sum.x);
  store(group * 4u + 1u, sum.y);
  store(group * 4u + 2u, sum.z);
  store(group * 4u + 3u, sum.w);
}
