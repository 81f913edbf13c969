// embed_q4: the row of every token, dequantised to f32.
//
//   residual[t, c] = scale[tokens[t], c / 32] * nibble[tokens[t], c] + minimum[tokens[t], c / 32]
//
// One invocation per (t, eight columns); each writes eight elements of its own, so no barrier.

override cols: u32;  // C, a multiple of 32
override workgroupSize: u32 = 64;

struct Step { position: u32, tokens: u32 }

@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<storage, read> tokens: array<u32>;            // [T]
@group(0) @binding(2) var<storage, read> table: array<u32>;             // [V / 4, C / 8, 4], 8 nibbles
@group(0) @binding(3) var<storage, read_write> residual: array<vec4f>;  // [T, C]
@group(0) @binding(4) var<storage, read> scales: array<u32>;            // [V / 4, C / 32, 4] f16 scale, f16 minimum

// Where a row has its n-th word of `count`: four rows stand side by side.
fn at(row: u32, count: u32, n: u32) -> u32 {
  return ((row / 4u) * count + n) * 4u + row % 4u;
}

@compute @workgroup_size(workgroupSize)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let word = id.x;
  let t = id.y;
  if (word >= cols / 8u || t >= step.tokens) { return; }
  let row = tokens[t];
  let block = unpack2x16float(scales[at(row, cols / 32u, word / 4u)]);
  let nibbles = vec4u(table[at(row, cols / 8u, word)]) >> vec4u(0u, 4u, 8u, 12u);
  let first = t * (cols / 4u) + 2u * word;
  residual[first] = block.x * vec4f(nibbles & vec4u(15u)) + block.y;
  residual[first + 1u] = block.x * vec4f((nibbles >> vec4u(16u)) & vec4u(15u)) + block.y;
}
