// gemm_registers: an invocation owns a tile of eight rows and eight tokens in registers and all columns. Appended to gemm.
//
// Each weight is read and widened once per tile. No memory is shared, so no barrier: the schedule of a GPU made of CPU threads.

override workgroupSize: u32;

@compute @workgroup_size(workgroupSize)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let groups = shape.paddedRows / 4u;
  let group = shape.firstGroup + id.x * 2u;
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
    let low = fourRows(i, group, steps);
    let high = fourRows(i, group + 1u, steps);
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
