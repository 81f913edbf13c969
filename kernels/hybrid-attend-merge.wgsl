// hybrid_attend_merge: the splits of hybrid_attend_values, brought to one largest score and added up.
//
//   output[q, d] = sum_s e_s * partial[s, q, d] / sum_s e_s * total[s, q],   e_s = exp(largest[s, q] - max_s largest[s, q])
//
// One invocation per (q, two dimensions). A split without entries has total 0 and the lowest largest, and adds nothing.

override queryHeads: u32; // Q
override headDim: u32;    // D
override workgroupSize: u32;

@group(0) @binding(0) var<storage, read> partials: array<vec2f>;     // [splits, Q, (weighted sum [D] | total, largest)]
@group(0) @binding(1) var<storage, read_write> output: array<vec2f>; // [Q, D]

@compute @workgroup_size(workgroupSize)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let pairs = headDim / 2;
  if (id.x >= queryHeads * pairs) { return; }
  let q = id.x / pairs;
  let row = pairs + 1;
  let splits = arrayLength(&partials) / (queryHeads * row);

  var largest = -3.4e38;
  for (var s = 0u; s < splits; s++) {
    largest = max(largest, partials[(s * queryHeads + q) * row + pairs].y);
  }
  var sum = vec2f();
  var total = 0.0;
  for (var s = 0u; s < splits; s++) {
    let at = (s * queryHeads + q) * row;
    let part = partials[at + pairs];
    let share = exp(part.y - largest);
    sum += share * partials[at + id.x % pairs];
    total += share * part.x;
  }
  output[id.x] = select(sum / total, vec2f(), total == 0);
}
