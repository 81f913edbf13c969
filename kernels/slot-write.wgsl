// slot_write: fold the token that leaves the window into the slots, in place.
//
//   keySlots[h, d, m]   += s * (key[h, d]   - keySlots[h, d, m])
//   valueSlots[h, m, d] += s * (value[h, d] - valueSlots[h, m, d])
//   where s = 1 - exp(logGate[h, m]) and the token is j = position - window; nothing happens while j < 0.
//
// One invocation per element of either buffer, so no barrier. slot-gate.wgsl is prepended.

override kvHeads: u32; // H
override headDim: u32; // D
override slots: u32;   // M
override workgroupSize: u32;

struct Step { position: u32, tokens: u32 }
struct Layer { window: u32, slotsOn: u32 }

@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<uniform> layer: Layer;
@group(0) @binding(2) var<storage, read> windowKeys: array<u32>;       // f16 [capacity, H, D]
@group(0) @binding(3) var<storage, read> windowValues: array<u32>;     // f16 [capacity, H, D]
@group(0) @binding(4) var<storage, read> windowGates: array<u32>;      // f16 [capacity, H, M padded to even]
@group(0) @binding(5) var<storage, read_write> keySlots: array<f32>;   // [H, D, M]
@group(0) @binding(6) var<storage, read_write> valueSlots: array<f32>; // [H, M, D]

@compute @workgroup_size(workgroupSize)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let i = id.x;
  let h = id.y;
  let size = headDim * slots;
  if (i >= size || layer.slotsOn == 0 || step.position < layer.window) { return; }

  let keyWords = headDim / 2;
  let gateWords = (slots + 1) / 2;
  let capacity = arrayLength(&windowKeys) / (kvHeads * keyWords);
  let row = ((step.position - layer.window) % capacity) * kvHeads + h;

  let keyAt = h * size + i;
  let m = i % slots;
  let d = i / slots;
  let key = half(windowKeys[row * keyWords + d / 2], d);
  let gate = half(windowGates[row * gateWords + m / 2], m);
  keySlots[keyAt] += writeShare(gate) * (key - keySlots[keyAt]);

  let valueM = i / headDim;
  let valueD = i % headDim;
  let value = half(windowValues[row * keyWords + valueD / 2], valueD);
  let valueGate = half(windowGates[row * gateWords + valueM / 2], valueM);
  valueSlots[keyAt] += writeShare(valueGate) * (value - valueSlots[keyAt]);
}
