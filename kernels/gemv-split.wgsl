// gemv_split: the invocations of a workgroup take turns with the columns of eight rows, so that neighbours read
// neighbouring words. Goes with gemv_subgroup or gemv_workgroup, which add the shares up.

override lanes: u32; // invocations of a workgroup

fn rowsTimesInput(first: u32, second: u32, lane: u32, cols: u32) -> mat2x4f {
  var sums: mat2x4f;
  for (var n = lane; n < cols / PART; n += lanes) {
    sums = sums + part(first, second, cols, n);
  }
  return sums;
}
