// slot_shares_prefill: how much each slot takes of the token that leaves at every token of the call.
//
//   slotShares[i, h, m] = 1 - exp(logGate of token j = position + i - window), 0 while j < S and in the padding
//
// With meanSlots a slot is divided by its mass c, and tokens are walked in order:
//
//   c[h, m] = (1 - s) * c[h, m] + s,   n[h, m] = (1 - s) * n[h, m] + 1,   slotShares = s / c[h, m]
//   slotBias[i, h, m] = log(n[h, m] / M) with countSlots, else 0; hidden while c is 0
//
// A token at or after `position` is in the chunk, an older one in the ring. One invocation per (4 slots, h, i),
// or (4 slots, h) where they are means. slot-mean.wgsl and slot-gate.wgsl are prepended.

override kvHeads: u32; // H
override headDim: u32; // D
override meanSlots: bool;
override workgroupSize: u32;

struct Step { position: u32, tokens: u32 }
struct Layer { window: u32, slotsOn: u32, sinks: u32 }

@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<uniform> layer: Layer;
@group(0) @binding(2) var<storage, read> windowGates: array<u32>;        // f16 [S + capacity, H, M padded to even]
@group(0) @binding(3) var<storage, read> chunkGates: array<u32>;         // f16 [T, H, M padded to even]
@group(0) @binding(4) var<storage, read_write> slotShares: array<vec4f>; // [T, H, M padded to 4]; slotBias behind it
@group(0) @binding(5) var<storage, read_write> keySlots: array<f32>;     // [H, D, M], then c and n [2, H, M] with meanSlots

fn share(row: u32, recent: bool, m: u32) -> f32 {
  if (m >= slots) { return 0.0; }
  let at = row * ((slots + 1) / 2) + m / 2;
  var word: u32;
  if (recent) { word = chunkGates[at]; } else { word = windowGates[at]; }
  return writeShare(half(word, m));
}

// What four slots take of the token that leaves at `i`.
fn sharesAt(i: u32, h: u32, m: u32) -> vec4f {
  let j = step.position + i - layer.window;
  let recent = j >= step.position;
  let capacity = arrayLength(&windowGates) / (kvHeads * ((slots + 1) / 2)) - layer.sinks;
  let row = select(layer.sinks + (j - layer.sinks) % capacity, j - step.position, recent) * kvHeads + h;
  return vec4f(share(row, recent, m), share(row, recent, m + 1), share(row, recent, m + 2), share(row, recent, m + 3));
}

@compute @workgroup_size(workgroupSize)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let quads = (slots + 3) / 4;
  if (id.x >= quads) { return; }
  let h = id.y;
  let m = 4 * id.x;
  let held = (kvHeads * headDim + h) * slots + m;
  let count = min(slots - m, 4);
  var masses: vec4f;
  var counts: vec4f;
  if (meanSlots) {
    for (var c = 0u; c < count; c++) {
      masses[c] = keySlots[held + c];
      counts[c] = keySlots[held + kvHeads * slots + c];
    }
  }
  for (var i = id.z; i < step.tokens; i += workgroups.z) {
    var shares = vec4f();
    let leaves = step.position + i >= layer.window + layer.sinks;
    if (leaves) { shares = sharesAt(i, h, m); }
    let at = (i * kvHeads + h) * quads + id.x;
    if (meanSlots) {
      if (leaves) {
        masses = (1 - shares) * masses + shares;
        counts = (1 - shares) * counts + 1;
        shares = meanShare(shares, masses);
      }
      slotShares[at + arrayLength(&slotShares) / 2] = slotBias(masses, counts);
    }
    slotShares[at] = shares;
  }
  if (meanSlots) {
    for (var c = 0u; c < count; c++) {
      keySlots[held + c] = masses[c];
      keySlots[held + kvHeads * slots + c] = counts[c];
    }
  }
}
