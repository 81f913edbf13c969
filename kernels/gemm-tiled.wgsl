// gemm_tiled: a workgroup of 16 by 16 invocations owns 64 rows and 64 tokens, an invocation 4 by 4 of them. Appended to gemm.
//
// 32 columns at a time are brought into the workgroup's memory: a weight is read and widened once for 64 tokens, by
// neighbours that read neighbouring words. Columns past C are zero.

const TILE = 32u;
const STEPS = TILE / COLUMNS;

var<workgroup> weights: array<vec4f, 512>; // [TILE, 16 groups of 4 rows]
var<workgroup> inputs: array<vec4f, 512>;  // [TILE, 16 groups of 4 tokens]

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) tile: vec3u, @builtin(local_invocation_index) lane: u32) {
  let groups = shape.paddedRows / 4u;
  let firstGroup = shape.firstGroup + 16u * tile.x;
  let firstToken = 64u * tile.y;
  let steps = shape.cols / COLUMNS;
  let last = step.tokens - 1u;
  let rowGroup = lane / 16u;
  let tokenGroup = lane % 16u;

  var sums: mat4x4f; // a column is a token, its four rows
  for (var first = 0u; first < steps; first += STEPS) {
    for (var n = lane; n < 16u * STEPS; n += 256u) {
      let at = n / STEPS;
      let i = first + n % STEPS;
      let column = (n % STEPS) * COLUMNS;
      let token = firstToken + 4u * at;
      // Clamped, because a read that is thrown away may still not leave the buffer.
      let safe = min(i, steps - 1u);
      let rows = fourRows(safe, min(firstGroup + at, groups - 1u), steps);
      let x0 = input[min(token, last) * steps + safe];
      let x1 = input[min(token + 1u, last) * steps + safe];
      let x2 = input[min(token + 2u, last) * steps + safe];
      let x3 = input[min(token + 3u, last) * steps + safe];
      for (var c = 0u; c < COLUMNS; c++) {
        let there = select(0.0, 1.0, i < steps);
        weights[(column + c) * 16u + at] = there * columnOf(rows, c);
        inputs[(column + c) * 16u + at] = there * vec4f(inputOf(x0, c), inputOf(x1, c), inputOf(x2, c), inputOf(x3, c));
      }
    }
    workgroupBarrier();
    for (var k = 0u; k < TILE; k++) {
      let w = weights[k * 16u + rowGroup];
      let x = inputs[k * 16u + tokenGroup];
      sums += mat4x4f(w * x.x, w * x.y, w * x.z, w * x.w);
    }
    workgroupBarrier();
  }

  let group = firstGroup + rowGroup;
  if (group >= groups) { return; }
  for (var t = 0u; t < 4u; t++) {
    let token = firstToken + 4u * tokenGroup + t;
    if (token < step.tokens) { storeRows(token, 4u * group, sums[t]); }
  }
}
