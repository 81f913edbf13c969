// gemv_whole: an invocation owns eight rows and all columns. Prepended to the gemv kernels, as is the matrix's format.
//
// No barrier and no subgroup, but few invocations: the schedule of a GPU made of CPU threads.

override lanes: u32; // 1

fn rowsTimesInput(first: u32, second: u32, lane: u32, cols: u32) -> mat2x4f {
  return product(first, second, cols);
}

fn total(share: mat3x4f, lane: u32) -> mat3x4f {
  return share;
}
