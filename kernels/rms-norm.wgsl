// rms_norm: every token divided by its root mean square, times a weight per channel.
//
//   output[t, c] = input[t, c] * weight[c] / sqrt(mean over c of input[t, c]^2 + epsilon)
//
// One workgroup owns one token. Its invocations square and sum their own columns; after the one barrier
// each adds up all the partial sums for itself, in the same order.

override size: u32;  // C
override epsilon: f32;
const WORKGROUP_SIZE = 32u;

@group(0) @binding(0) var<storage, read> input: array<f32>;         // [T, C]
@group(0) @binding(1) var<storage, read> weight: array<f32>;        // [C]
@group(0) @binding(2) var<storage, read_write> output: array<f32>;  // [T, C]

var<workgroup> partial: array<f32, WORKGROUP_SIZE>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) lane: u32) {
  let first = workgroup.x * size;

  var squares = 0.0;
  for (var c = lane; c < size; c += WORKGROUP_SIZE) {
    let value = input[first + c];
    squares += value * value;
  }
  partial[lane] = squares;
  workgroupBarrier();

  var sum = 0.0;
  for (var i = 0u; i < WORKGROUP_SIZE; i++) { sum += partial[i]; }
  let scale = inverseSqrt(sum / f32(size) + epsilon);

  for (var c = lane; c < size; c += WORKGROUP_SIZE) {
    output[first + c] = input[first + c] * scale * weight[c];
  }
}
