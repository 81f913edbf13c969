// embed_f16: the row of every token, widened to f32.
//
//   residual[t, c] = f32(table[tokens[t], c])
//
// One invocation per (t, pair of columns); each writes two elements of its own, so no barrier.

override cols: u32;  // C, even
override workgroupSize: u32 = 64;

struct Step { position: u32, tokens: u32 }

@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<storage, read> tokens: array<u32>;            // [T]
@group(0) @binding(2) var<storage, read> table: array<u32>;             // [V / 4, C / 2, 4], 2 x f16
@group(0) @binding(3) var<storage, read_write> residual: array<vec2f>;  // [T, C]

// Where a row has its n-th word of `count`: four rows stand side by side.
fn at(row: u32, count: u32, n: u32) -> u32 {
  return ((row / 4u) * count + n) * 4u + row % 4u;
}

@compute @workgroup_size(workgroupSize)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let pair = id.x;
  let t = id.y;
  if (pair >= cols / 2u || t >= step.tokens) { return; }
  residual[t * (cols / 2u) + pair] = unpack2x16float(table[at(tokens[t], cols / 2u, pair)]);
}
