// head_norm inside hybrid_attend, whose kernels read heads as the projections leave them. Prepended to both where q and k have
// norms, with `const headVectors`, D / 4, before it: an array in a uniform has a size. Else head-norm-none.wgsl is.

override epsilon: f32;

@group(0) @binding(10) var<uniform> queryNorm: array<vec4f, headVectors>; // [D]
@group(0) @binding(11) var<uniform> keyNorm: array<vec4f, headVectors>;   // [D]

// 1 / sqrt(mean of squares + epsilon) of the head whose projections begin at `first`.
fn headScale(first: u32) -> f32 {
  var squares = vec4f();
  for (var i = 0u; i < headVectors; i++) {
    let four = projected(first + 4 * i);
    squares += four * four;
  }
  return inverseSqrt(dot(squares, vec4f(1)) / f32(headDim) + epsilon);
}

// Dimensions 4i … 4i + 3 of two keys times the query's weights: once for all query heads, since (w q) k = q (w k).
fn queryWeighed(keys: mat2x4f, i: u32) -> mat2x4f {
  let weights = queryNorm[i];
  return mat2x4f(keys[0] * weights, keys[1] * weights);
}

// Dimensions 2i and 2i + 1 of two keys, likewise.
fn pairWeighed(keys: vec4f, i: u32) -> vec4f {
  let weights = queryNorm[i / 2];
  return keys * select(weights.xyxy, weights.zwzw, i % 2 == 1);
}

fn keyNormed(pair: vec2f, i: u32, scale: f32) -> vec2f {
  let weights = keyNorm[i / 2];
  return pair * scale * select(weights.xy, weights.zw, i % 2 == 1);
}
