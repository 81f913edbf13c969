// gemm: T vectors through a matrix, f32 arithmetic.
//
//   output[t, r] = [output[t, r] +] [bias[r] +] sum over c of weight[r, c] * input[t, c]
//
// What its two schedules share: gemm_registers or gemm_tiled is appended, and the file of the matrix's format, which has
// `fourRows` and what that reads, is prepended. Tokens past T repeat the last one and are not stored.

struct Step { position: u32, tokens: u32 }
struct Shape { rows: u32, cols: u32, paddedRows: u32, hasBias: u32, accumulate: u32, rowSize: u32, firstGroup: u32 }

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
