// Stands for head-norm-within.wgsl in models without norms of q and k: nothing is scaled, nothing is read.

fn headScale(first: u32) -> f32 { return 1.0; }
fn queryWeighed(keys: mat2x4f, i: u32) -> mat2x4f { return keys; }
fn pairWeighed(keys: vec4f, i: u32) -> vec4f { return keys; }
fn keyNormed(pair: vec2f, i: u32, scale: f32) -> vec2f { return pair; }
