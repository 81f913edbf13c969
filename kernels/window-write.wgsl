// window_write: what the window keeps of T rows of projections, rounded to f16, two per word.
//
//   windowKeys[n, h, d]   = k            (without rotation)
//   windowValues[n, h, d] = v
//   windowGates[n, h, m]  = logsigmoid(z) / gateNormalizer
//   in a chunk n = i; in the ring n = j = position + i for the S sinks, j < S, and S + (j - S) % capacity for the others.
//
// One invocation per (token, 4 dimensions of key and value, or a pair of gates). A token that a later one of the same
// call would overwrite in the ring is not written, so no word has two writers. window-half.wgsl is prepended.

override queryHeads: u32;     // Q
override kvHeads: u32;        // H
override headDim: u32;        // D
override slots: u32;          // M
override rowSize: u32;
override toRing: bool;
override workgroupSize: u32;

struct Step { position: u32, tokens: u32 }
struct Layer { window: u32, slotsOn: u32, sinks: u32 }

@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<uniform> layer: Layer;
@group(0) @binding(2) var<storage, read> projections: array<f32>;          // [T, q | k | v | z | unused]
@group(0) @binding(3) var<storage, read_write> windowKeys: array<vec2u>;   // f16 [rows, H, D]
@group(0) @binding(4) var<storage, read_write> windowValues: array<vec2u>; // f16 [rows, H, D]
@group(0) @binding(5) var<storage, read_write> windowGates: array<u32>;    // f16 [rows, H, M padded to even]

fn loadFour(at: u32) -> vec4f {
  return vec4f(projections[at], projections[at + 1], projections[at + 2], projections[at + 3]);
}

@compute @workgroup_size(workgroupSize)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let quads = kvHeads * headDim / 4;
  let gateRow = (slots + 1) / 2;
  let i = id.y;
  if (i >= step.tokens) { return; }
  var n = i;
  if (toRing) {
    let capacity = arrayLength(&windowKeys) / quads - layer.sinks;
    n += step.position;
    if (n >= layer.sinks) {
      if (i + capacity < step.tokens) { return; }
      n = layer.sinks + (n - layer.sinks) % capacity;
    }
  }

  let keys = i * rowSize + queryHeads * headDim;
  let values = keys + kvHeads * headDim;
  let gates = values + kvHeads * headDim;
  if (id.x < quads) {
    windowKeys[n * quads + id.x] = toHalves(loadFour(keys + 4 * id.x));
    windowValues[n * quads + id.x] = toHalves(loadFour(values + 4 * id.x));
  } else if (id.x < quads + kvHeads * gateRow) {
    let word = id.x - quads;
    let m = 2 * (word % gateRow);
    let source = gates + (word / gateRow) * slots + m;
    var second = 0.0;
    if (m + 1 < slots) { second = logGate(projections[source + 1]); }
    windowGates[n * kvHeads * gateRow + word] = toHalves(vec4f(logGate(projections[source]), second, 0.0, 0.0)).x;
  }
}
