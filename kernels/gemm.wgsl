// gemm: T vectors through a matrix, f32 arithmetic.
//
//   output[t, r] = [output[t, r] +] [bias[r] +] sum over c of weight[r, c] * input[t, c]
//
// One invocation owns a tile of eight rows and eight tokens in registers and all columns: each weight is read and widened
// once per tile. No shared memory, so no barrier. Tokens past T repeat the last one and are not stored. The file of the
// matrix's format is prepended: it has `fourRows` and what that reads.

override workgroupSize: u32;

struct Step { position: u32, tokens: u32 }
struct Shape { rows: u32, cols: u32, paddedRows: u32, hasBias: u32, accumulate: u32, rowSize: u32 }

@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<uniform> shape: Shape;
@group(0) @binding(4) var<storage, read> bias: array<f32>;         // [R], anything when !hasBias
@group(0) @binding(5) var<storage, read_write> output: array<f32>; // [T, rowSize], of which R are written

// `var`, because only a variable can be indexed by a loop; a loop, because 64 stores in line compile slowly.
fn storeRows(token: u32, row: u32, tile: vec4f) {
  var sums = tile;
  for (var i = 0u; i < 4u; i++) {
    if (row + i >= shape.rows) { return; }
    let at = token * shape.rowSize + row + i;
    var result = sums[i];
    if (shape.hasBias != 0u) { result += bias[row + i]; }
    if (shape.accumulate != 0u) { result += output[at]; }
    output[at] = result;
  }
}

@compute @workgroup_size(workgroupSize)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let groups = shape.paddedRows / 4u;
  let group = id.x * 2u;
  let token = id.y * 8u;
  if (group >= groups || token >= step.tokens) { return; }

  let steps = shape.cols / COLUMNS;
  let last = step.tokens - 1u;
  let row0 = min(token + 0u, last) * steps;
  let row1 = min(token + 1u, last) * steps;
  let row2 = min(token + 2u, last) * steps;
  let row3 = min(token + 3u, last) * steps;
  let row4 = min(token + 4u, last) * steps;
  let row5 = min(token + 5u, last) * steps;
  let row6 = min(token + 6u, last) * steps;
  let row7 = min(token + 7u, last) * steps;

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
  for (var i = 0u; i < steps; i++) {
    let low = fourRows(i, group, groups);
    let high = fourRows(i, group + 1u, groups);
    let x0 = input[row0 + i];
    low0 += low * x0;
    high0 += high * x0;
    let x1 = input[row1 + i];
    low1 += low * x1;
    high1 += high * x1;
    let x2 = input[row2 + i];
    low2 += low * x2;
    high2 += high * x2;
    let x3 = input[row3 + i];
    low3 += low * x3;
    high3 += high * x3;
    let x4 = input[row4 + i];
    low4 += low * x4;
    high4 += high * x4;
    let x5 = input[row5 + i];
    low5 += low * x5;
    high5 += high * x5;
    let x6 = input[row6 + i];
    low6 += low * x6;
    high6 += high * x6;
    let x7 = input[row7 + i];
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
