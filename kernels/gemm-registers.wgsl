// gemm_registers: an invocation owns a tile of sixteen rows and sixteen tokens and all columns. Appended to gemm.
//
// Each weight is read and widened once per tile, each input once for sixteen rows. The sums do not fit the processor's
// registers, and yet a large tile is quicker: sums go to the stack once in four columns, reads and widening cost each time.
// No memory is shared, so no barrier: the schedule of a GPU made of CPU threads.

override workgroupSize: u32;

@compute @workgroup_size(workgroupSize)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let groups = shape.paddedRows / 4u;
  let group = shape.firstGroup + 4u * id.x;
  let token = 16u * id.y;
  if (group >= groups || token >= step.tokens) { return; }

  let steps = shape.cols / COLUMNS;
  let end = groups - 1u;
  let last = step.tokens - 1u;
  let row0 = min(token + 0u, last) * steps;
  let row1 = min(token + 1u, last) * steps;
  let row2 = min(token + 2u, last) * steps;
  let row3 = min(token + 3u, last) * steps;
  let row4 = min(token + 4u, last) * steps;
  let row5 = min(token + 5u, last) * steps;
  let row6 = min(token + 6u, last) * steps;
  let row7 = min(token + 7u, last) * steps;
  let row8 = min(token + 8u, last) * steps;
  let row9 = min(token + 9u, last) * steps;
  let row10 = min(token + 10u, last) * steps;
  let row11 = min(token + 11u, last) * steps;
  let row12 = min(token + 12u, last) * steps;
  let row13 = min(token + 13u, last) * steps;
  let row14 = min(token + 14u, last) * steps;
  let row15 = min(token + 15u, last) * steps;

  // Four rows each, a to d, of sixteen tokens.
  var a0 = vec4f(); var b0 = vec4f(); var c0 = vec4f(); var d0 = vec4f();
  var a1 = vec4f(); var b1 = vec4f(); var c1 = vec4f(); var d1 = vec4f();
  var a2 = vec4f(); var b2 = vec4f(); var c2 = vec4f(); var d2 = vec4f();
  var a3 = vec4f(); var b3 = vec4f(); var c3 = vec4f(); var d3 = vec4f();
  var a4 = vec4f(); var b4 = vec4f(); var c4 = vec4f(); var d4 = vec4f();
  var a5 = vec4f(); var b5 = vec4f(); var c5 = vec4f(); var d5 = vec4f();
  var a6 = vec4f(); var b6 = vec4f(); var c6 = vec4f(); var d6 = vec4f();
  var a7 = vec4f(); var b7 = vec4f(); var c7 = vec4f(); var d7 = vec4f();
  var a8 = vec4f(); var b8 = vec4f(); var c8 = vec4f(); var d8 = vec4f();
  var a9 = vec4f(); var b9 = vec4f(); var c9 = vec4f(); var d9 = vec4f();
  var a10 = vec4f(); var b10 = vec4f(); var c10 = vec4f(); var d10 = vec4f();
  var a11 = vec4f(); var b11 = vec4f(); var c11 = vec4f(); var d11 = vec4f();
  var a12 = vec4f(); var b12 = vec4f(); var c12 = vec4f(); var d12 = vec4f();
  var a13 = vec4f(); var b13 = vec4f(); var c13 = vec4f(); var d13 = vec4f();
  var a14 = vec4f(); var b14 = vec4f(); var c14 = vec4f(); var d14 = vec4f();
  var a15 = vec4f(); var b15 = vec4f(); var c15 = vec4f(); var d15 = vec4f();
  for (var i = 0u; i < steps; i++) {
    let a = fourRows(i, group, steps);
    let b = fourRows(i, min(group + 1u, end), steps);
    let c = fourRows(i, min(group + 2u, end), steps);
    let d = fourRows(i, min(group + 3u, end), steps);
    let x0 = input[row0 + i];
    a0 += a * x0; b0 += b * x0; c0 += c * x0; d0 += d * x0;
    let x1 = input[row1 + i];
    a1 += a * x1; b1 += b * x1; c1 += c * x1; d1 += d * x1;
    let x2 = input[row2 + i];
    a2 += a * x2; b2 += b * x2; c2 += c * x2; d2 += d * x2;
    let x3 = input[row3 + i];
    a3 += a * x3; b3 += b * x3; c3 += c * x3; d3 += d * x3;
    let x4 = input[row4 + i];
    a4 += a * x4; b4 += b * x4; c4 += c * x4; d4 += d * x4;
    let x5 = input[row5 + i];
    a5 += a * x5; b5 += b * x5; c5 += c * x5; d5 += d * x5;
    let x6 = input[row6 + i];
    a6 += a * x6; b6 += b * x6; c6 += c * x6; d6 += d * x6;
    let x7 = input[row7 + i];
    a7 += a * x7; b7 += b * x7; c7 += c * x7; d7 += d * x7;
    let x8 = input[row8 + i];
    a8 += a * x8; b8 += b * x8; c8 += c * x8; d8 += d * x8;
    let x9 = input[row9 + i];
    a9 += a * x9; b9 += b * x9; c9 += c * x9; d9 += d * x9;
    let x10 = input[row10 + i];
    a10 += a * x10; b10 += b * x10; c10 += c * x10; d10 += d * x10;
    let x11 = input[row11 + i];
    a11 += a * x11; b11 += b * x11; c11 += c * x11; d11 += d * x11;
    let x12 = input[row12 + i];
    a12 += a * x12; b12 += b * x12; c12 += c * x12; d12 += d * x12;
    let x13 = input[row13 + i];
    a13 += a * x13; b13 += b * x13; c13 += c * x13; d13 += d * x13;
    let x14 = input[row14 + i];
    a14 += a * x14; b14 += b * x14; c14 += c * x14; d14 += d * x14;
    let x15 = input[row15 + i];
    a15 += a * x15; b15 += b * x15; c15 += c * x15; d15 += d * x15;
  }

  var a = array(a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15);
  var b = array(b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, b10, b11, b12, b13, b14, b15);
  var c = array(c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, c15);
  var d = array(d0, d1, d2, d3, d4, d5, d6, d7, d8, d9, d10, d11, d12, d13, d14, d15);
  for (var t = 0u; t < min(16u, step.tokens - token); t++) {
    storeRows(token + t, 4u * group, a[t]);
    storeRows(token + t, 4u * group + 4u, b[t]);
    storeRows(token + t, 4u * group + 8u, c[t]);
    storeRows(token + t, 4u * group + 12u, d[t]);
  }
}
