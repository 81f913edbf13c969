// slot_shares_prefill: how much each slot takes of the token that leaves at every token of the call.
//
//   slotShares[i, h, m] = 1 - exp(logGate of token j = position + i - window), 0 while j < S and in the padding
//
// A token at or after `position` is in the chunk, an older one in the ring. One invocation per (4 slots, h, i).
// slot-gate.wgsl is prepended.

override kvHeads: u32; // H
override slots: u32;   // M
override workgroupSize: u32;

struct Step { position: u32, tokens: u32 }
struct Layer { window: u32, slotsOn: u32, sinks: u32 }

@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<uniform> layer: Layer;
@group(0) @binding(2) var<storage, read> windowGates: array<u32>;        // f16 [S + capacity, H, M padded to even]
@group(0) @binding(3) var<storage, read> chunkGates: array<u32>;         // f16 [T, H, M padded to even]
@group(0) @binding(4) var<storage, read_write> slotShares: array<vec4f>; // [T, H, M padded to 4]

fn share(row: u32, recent: bool, m: u32) -> f32 {
  if (m >= slots) { return 0.0; }
  let at = row * ((slots + 1) / 2) + m / 2;
  var word: u32;
  if (recent) { word = chunkGates[at]; } else { word = windowGates[at]; }
  return writeShare(half(word, m));
}

@compute @workgroup_size(workgroupSize)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let quads = (slots + 3) / 4;
  if (id.x >= quads) { return; }
  let h = id.y;
  let i = id.z;
  let t = step.position + i;
  var shares: vec4f;
  if (t >= layer.window + layer.sinks) {
    let j = t - layer.window;
    let recent = j >= step.position;
    let capacity = arrayLength(&windowGates) / (kvHeads * ((slots + 1) / 2)) - layer.sinks;
    let row = select(layer.sinks + (j - layer.sinks) % capacity, j - step.position, recent) * kvHeads + h;
    let m = 4 * id.x;
    shares = vec4f(share(row, recent, m), share(row, recent, m + 1), share(row, recent, m + 2), share(row, recent, m + 3));
  }
  slotShares[(i * kvHeads + h) * quads + id.x] = shares;
}
