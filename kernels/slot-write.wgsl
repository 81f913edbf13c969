// slot_write: fold the token that leaves the window into the slots, in place.
//
//   keySlots[h, d, m]   += s * (key[h, d]   - keySlots[h, d, m])
//   valueSlots[h, m, d] += s * (value[h, d] - valueSlots[h, m, d])
//   where s = 1 - exp(logGate[h, m]) and the token is j = position - window; nothing happens while j < S: sinks stay.
//
// One invocation per (slot, 4 dimensions, head) owns 4 elements of either buffer, so no barrier. slot-gate.wgsl is
// prepended.

override kvHeads: u32; // H
override headDim: u32; // D
override slots: u32;   // M
override workgroupSlots: u32;
override workgroupQuads: u32;

struct Step { position: u32, tokens: u32 }
struct Layer { window: u32, slotsOn: u32, sinks: u32 }

@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<uniform> layer: Layer;
@group(0) @binding(2) var<storage, read> windowKeys: array<vec2u>;       // f16 [S + capacity, H, D]
@group(0) @binding(3) var<storage, read> windowValues: array<vec2u>;     // f16 [S + capacity, H, D]
@group(0) @binding(4) var<storage, read> windowGates: array<u32>;        // f16 [S + capacity, H, M padded to even]
@group(0) @binding(5) var<storage, read_write> keySlots: array<f32>;     // [H, D, M]
@group(0) @binding(6) var<storage, read_write> valueSlots: array<vec4f>; // [H, M, D]

@compute @workgroup_size(workgroupSlots, workgroupQuads)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let m = id.x;
  let quads = headDim / 4;
  if (m >= slots || id.y >= quads || layer.slotsOn == 0) { return; }
  if (step.position < layer.window + layer.sinks) { return; }
  let h = id.z;
  let capacity = arrayLength(&windowKeys) / (kvHeads * quads) - layer.sinks;
  let row = (layer.sinks + (step.position - layer.window - layer.sinks) % capacity) * kvHeads + h;
  let write = writeShare(half(windowGates[row * ((slots + 1) / 2) + m / 2], m));

  let key = halves(windowKeys[row * quads + id.y]);
  let k = (h * headDim + 4 * id.y) * slots + m;
  keySlots[k] += write * (key.x - keySlots[k]);
  keySlots[k + slots] += write * (key.y - keySlots[k + slots]);
  keySlots[k + 2 * slots] += write * (key.z - keySlots[k + 2 * slots]);
  keySlots[k + 3 * slots] += write * (key.w - keySlots[k + 3 * slots]);

  let value = halves(windowValues[row * quads + id.y]);
  let v = (h * slots + m) * quads + id.y;
  valueSlots[v] += write * (value - valueSlots[v]);
}
