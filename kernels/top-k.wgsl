// top_k: the K largest logits; where equal ones compete for the last places, the lowest ids.
//
//   ids = the K first of (0 … V − 1), ordered by (logits[i] descending, i ascending);  values = logits[ids]
//
// One workgroup. Radix select on the float's bits, ordered as an integer: four rounds of eight bits find the K-th
// largest key by counting; then every invocation, owning a run of ids, writes its own finds where the counts of
// the invocations before it end. So the output, in ascending order of id, is the same every time. ordered-key.wgsl is
// prepended.

override size: u32;   // V
override count: u32;  // K
override workgroupSize: u32 = 64;
const DIGITS = 256u;

@group(0) @binding(0) var<storage, read> logits: array<f32>;        // [V]
@group(0) @binding(1) var<storage, read_write> ids: array<u32>;     // [K]
@group(0) @binding(2) var<storage, read_write> values: array<f32>;  // [K]

var<workgroup> histogram: array<atomic<u32>, DIGITS>;
// The K-th key as far as it is known, and how many keys that share those digits are wanted.
var<workgroup> threshold: u32;
var<workgroup> wanted: u32;
var<workgroup> largerCount: array<u32, workgroupSize>;
var<workgroup> equalCount: array<u32, workgroupSize>;

// The digit of the K-th key: the largest one that, with all above it, holds as many keys as are wanted.
fn chooseDigit(shift: u32) {
  var missing = wanted;
  var digit = DIGITS - 1u;
  for (; digit > 0u; digit--) {
    let here = atomicLoad(&histogram[digit]);
    if (here >= missing) { break; }
    missing -= here;
  }
  threshold |= digit << shift;
  wanted = missing;
}

@compute @workgroup_size(workgroupSize)
fn main(@builtin(local_invocation_index) lane: u32) {
  if (lane == 0u) {
    threshold = 0u;
    wanted = count;
  }
  for (var round = 0u; round < 4u; round++) {
    let shift = 24u - 8u * round;
    for (var digit = lane; digit < DIGITS; digit += workgroupSize) { atomicStore(&histogram[digit], 0u); }
    workgroupBarrier();

    for (var i = lane; i < size; i += workgroupSize) {
      let key = orderedKey(logits[i]);
      // In the first round nothing is known yet; a shift by 32 would be none at all.
      if (round == 0u || (key >> (shift + 8u)) == (threshold >> (shift + 8u))) {
        atomicAdd(&histogram[(key >> shift) & 255u], 1u);
      }
    }
    workgroupBarrier();
    if (lane == 0u) { chooseDigit(shift); }
    workgroupBarrier();
  }

  let run = (size + workgroupSize - 1u) / workgroupSize;
  let first = lane * run;
  let end = min(first + run, size);
  var larger = 0u;
  var equal = 0u;
  for (var i = first; i < end; i++) {
    let key = orderedKey(logits[i]);
    larger += u32(key > threshold);
    equal += u32(key == threshold);
  }
  largerCount[lane] = larger;
  equalCount[lane] = equal;
  workgroupBarrier();

  if (larger + equal == 0u) { return; }
  var largerBefore = 0u;
  var equalBefore = 0u;
  for (var i = 0u; i < lane; i++) {
    largerBefore += largerCount[i];
    equalBefore += equalCount[i];
  }
  var at = largerBefore + min(equalBefore, wanted);
  for (var i = first; i < end; i++) {
    let key = orderedKey(logits[i]);
    let isEqual = key == threshold && equalBefore < wanted;
    equalBefore += u32(isEqual);
    if (key > threshold || isEqual) {
      ids[at] = i;
      values[at] = logits[i];
      at++;
    }
  }
}
