// gemv_workgroup: the shares of a workgroup, a power of two of them, are added up in its memory.

var<workgroup> shares: array<mat3x4f, lanes>;

fn total(share: mat3x4f, lane: u32) -> mat3x4f {
  shares[lane] = share;
  for (var half = lanes / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) { shares[lane] = shares[lane] + shares[lane + half]; }
  }
  return shares[lane];
}
