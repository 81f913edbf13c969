// embed_q8: the row of every token, dequantised to f32.
//
//   residual[t, c] = scales[tokens[t], c / 32] * table[tokens[t], c]
//
// One invocation per (t, four columns); each writes four elements of its own, so no barrier.

override cols: u32;  // C, a multiple of 32
override workgroupSize: u32 = 64;

struct Step { position: u32, tokens: u32 }

@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<storage, read> tokens: array<u32>;            // [T]
@group(0) @binding(2) var<storage, read> table: array<u32>;             // [V / 4, C / 4, 4], 4 x int8
@group(0) @binding(3) var<storage, read_write> residual: array<vec4f>;  // [T, C]
@group(0) @binding(4) var<storage, read> scales: array<u32>;            // [V / 4, C / 32, 4] f16, two per u32

// Where a row has its n-th word of `count`: four rows stand side by side.
fn at(row: u32, count: u32, n: u32) -> u32 {
  return ((row / 4u) * count + n) * 4u + row % 4u;
}

@compute @workgroup_size(workgroupSize)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let quad = id.x;
  let t = id.y;
  if (quad >= cols / 4u || t >= step.tokens) { return; }
  let row = tokens[t];
  let pair = unpack2x16float(scales[at(row, cols / 32u, quad / 8u) / 2u]);
  let scale = select(pair.x, pair.y, (row & 1u) == 1u);
  residual[t * (cols / 4u) + quad] = scale * vec4f(unpack4xI8(table[at(row, cols / 4u, quad)]));
}
