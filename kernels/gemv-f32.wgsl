// gemv_f32: one vector through a matrix.
//
//   output[r] = [output[r] +] bias[r] + sum over c of weight[r, c] * input[c]
//
// One invocation owns four rows and all columns: its vec4 of weights is next to its neighbour's, no barrier.

override rows: u32;        // R
override cols: u32;        // C
override paddedRows: u32;  // R, padded to 8
override hasBias: bool;
override accumulate: bool;
override workgroupSize: u32 = 32;

@group(0) @binding(0) var<storage, read> weight: array<vec4f>;         // [C, paddedRows]
@group(0) @binding(1) var<storage, read> input: array<f32>;            // [C]
@group(0) @binding(2) var<storage, read> bias: array<f32>;             // [R], anything when !hasBias
@group(0) @binding(3) var<storage, read_write> output: array<f32>;     // [R]

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
  for (var c = 0u; c < cols; c++) {
    sum += weight[c * groups + group] * input[c];
  }

  store(group * 4u, sum.x);
  store(group * 4u + 1u, sum.y);
  store(group * 4u + 2u, sum.z);
  store(group * 4u + 3u, sum.w);
}
