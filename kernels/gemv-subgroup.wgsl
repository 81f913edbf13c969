// gemv_subgroup: a workgroup is one subgroup, so its shares are added up without memory or barrier.

enable subgroups;

fn total(share: mat3x4f, lane: u32) -> mat3x4f {
  return mat3x4f(subgroupAdd(share[0]), subgroupAdd(share[1]), subgroupAdd(share[2]));
}
