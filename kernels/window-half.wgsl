// Shared by window_write and hybrid_attend, which round what the window keeps the same way.

override gateNormalizer: f32;

const halfMax = 65504.0;

fn toHalves(four: vec4f) -> vec2u {
  let held = clamp(four, vec4f(-halfMax), vec4f(halfMax));
  return vec2u(pack2x16float(held.xy), pack2x16float(held.zw));
}

// log(1 + u) for 0 <= u <= 1 as 2 atanh(u / (2 + u)): WGSL's log is only exact to 2^-21 near 1.
fn log1p(u: f32) -> f32 {
  let y = u / (2.0 + u);
  let s = y * y;
  let tail = s * (1.0 / 7.0 + s * (1.0 / 9.0 + s * (1.0 / 11.0 + s / 13.0)));
  return 2.0 * y * (1.0 + s * (1.0 / 3.0 + s * (1.0 / 5.0 + tail)));
}

fn logGate(z: f32) -> f32 {
  return (min(z, 0.0) - log1p(exp(-abs(z)))) / gateNormalizer;
}
