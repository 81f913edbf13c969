// embed_f32: the row of every token, copied to the residual stream.
//
//   residual[t, c] = table[tokens[t], c]
//
// One invocation per (t, c); each writes one element, so no barrier.

override cols: u32;  // C
override workgroupSize: u32 = 64;

struct Step { position: u32, tokens: u32 }

@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<storage, read> tokens: array<u32>;            // [T]
@group(0) @binding(2) var<storage, read> table: array<f32>;             // [V / 4, C, 4]
@group(0) @binding(3) var<storage, read_write> residual: array<f32>;    // [T, C]

// Where a row has its n-th word of `count`: four rows stand side by side.
fn at(row: u32, count: u32, n: u32) -> u32 {
  return ((row / 4u) * count + n) * 4u + row % 4u;
}

@compute @workgroup_size(workgroupSize)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let c = id.x;
  let t = id.y;
  if (c >= cols || t >= step.tokens) { return; }
  residual[t * cols + c] = table[at(tokens[t], cols, c)];
}
