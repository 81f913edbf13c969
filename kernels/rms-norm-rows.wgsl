// rms_norm_rows: every token divided by its root mean square, times a weight per channel.
//
//   output[t, c] = input[t, c] * weight[c] / sqrt(mean over c of input[t, c]^2 + epsilon)
//
// One invocation owns one token: no barrier, which is what a GPU made of CPU threads pays for, and reads that do not
// coalesce, which it does not notice. Rows between T and the next multiple of the workgroup are written where the buffer has them.

override size: u32;  // C
override epsilon: f32;
override workgroupSize: u32;

@group(0) @binding(0) var<storage, read> input: array<f32>;         // [T, C]
@group(0) @binding(1) var<storage, read> weight: array<f32>;        // [C]
@group(0) @binding(2) var<storage, read_write> output: array<f32>;  // [T, C]

@compute @workgroup_size(workgroupSize)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let first = id.x * size;
  if (first + size > min(arrayLength(&input), arrayLength(&output))) { return; }

  // Four sums, because a long sum in one f32 rounds more.
  var squares = vec4f();
  let whole = size / 4u * 4u;
  for (var c = first; c < first + whole; c += 4u) {
    let values = vec4f(input[c], input[c + 1u], input[c + 2u], input[c + 3u]);
    squares += values * values;
  }
  for (var c = first + whole; c < first + size; c++) { squares.x += input[c] * input[c]; }
  let sum = squares.x + squares.y + squares.z + squares.w;
  let scale = inverseSqrt(sum / f32(size) + epsilon);

  for (var c = 0u; c < size; c++) { output[first + c] = input[first + c] * scale * weight[c]; }
}
