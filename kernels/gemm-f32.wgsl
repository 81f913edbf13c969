// gemm_f32: T vectors through a matrix.
//
//   output[t, r] = [output[t, r] +] bias[r] + sum over c of weight[r, c] * input[t, c]
//
// One invocation owns a tile of eight rows and eight tokens in registers and all columns: each weight is read once per tile.
// No shared memory, so no barrier. Tokens past T repeat the last one and are not stored.

override rows: u32;        // R
override cols: u32;        // C
override paddedRows: u32;  // R, padded to 8
override hasBias: bool;
override accumulate: bool;
override workgroupSize: u32 = 32;

struct Step { position: u32, tokens: u32 }

@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<storage, read> weight: array<vec4f>;         // [C, paddedRows]
@group(0) @binding(2) var<storage, read> input: array<f32>;         // [T, C]
@group(0) @binding(3) var<storage, read> bias: array<f32>;            // [R], anything when !hasBias
@group(0) @binding(4) var<storage, read_write> output: array<f32>;    // [T, R]

// `var`, because only a variable can be indexed by a loop; a loop, because 64 stores in line compile slowly.
fn storeRows(token: u32, row: u32, tile: vec4f) {
  var sums = tile;
  for (var i = 0u; i < 4u; i++) {
    if (row + i >= rows) { return; }
    let at = token * rows + row + i;
    var result = sums[i];
    if (hasBias) { result += bias[row + i]; }
    if (accumulate) { result += output[at]; }
    output[at] = result;
  }
}

@compute @workgroup_size(workgroupSize)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let groups = paddedRows / 4u;
  let group = id.x * 2u;
  let token = id.y * 8u;
  if (group >= groups || token >= step.tokens) { return; }

  let last = step.tokens - 1u;
  let row0 = min(token, last) * cols;
  let row1 = min(token + 1u, last) * cols;
  let row2 = min(token + 2u, last) * cols;
  let row3 = min(token + 3u, last) * cols;
  let row4 = min(token + 4u, last) * cols;
  let row5 = min(token + 5u, last) * cols;
  let row6 = min(token + 6u, last) * cols;
  let row7 = min(token + 7u, last) * cols;

  var low0 = vec4f();
  var high0 = vec4f();
  var low1 = vec4f();
  var high1 = vec4f();
  var low2 = vec4f();
  var high2 = vec4f();
  var low3 = vec4f();
  var high3 = vec4f();
  var low4 = vec4f();
  var high4 = vec4f();
  var low5 = vec4f();
  var high5 = vec4f();
  var low6 = vec4f();
  var high6 = vec4f();
  var low7 = vec4f();
  var high7 = vec4f();
  for (var c = 0u; c < cols; c++) {
    let low = weight[c * groups + group];
    let high = weight[c * groups + group + 1u];
    let x0 = input[row0 + c];
    low0 += low * x0;
    high0 += high * x0;
    let x1 = input[row1 + c];
    low1 += low * x1;
    high1 += high * x1;
    let x2 = input[row2 + c];
    low2 += low * x2;
    high2 += high * x2;
    let x3 = input[row3 + c];
    low3 += low * x3;
    high3 += high * x3;
    let x4 = input[row4 + c];
    low4 += low * x4;
    high4 += high * x4;
    let x5 = input[row5 + c];
    low5 += low * x5;
    high5 += high * x5;
    let x6 = input[row6 + c];
    low6 += low * x6;
    high6 += high * x6;
    let x7 = input[row7 + c];
    low7 += low * x7;
    high7 += high * x7;
  }

  var low = array(low0, low1, low2, low3, low4, low5, low6, low7);
  var high = array(high0, high1, high2, high3, high4, high5, high6, high7);
  for (var t = 0u; t < min(8u, step.tokens - token); t++) {
    storeRows(token + t, group * 4u, low[t]);
    storeRows(token + t, group * 4u + 4u, high[t]);
  }
}
