// Lanes that share a column of hybrid_attend_values, for GPUs whose threads wait for each other cheaply: lane n has every
// `lanes`th quad of a split's entries, and their sums meet in the workgroup's memory. hybrid-attend-lane.wgsl stands for it
// where one lane has them all. Either is prepended.

override lanes: u32;

var<workgroup> laneSums: array<vec4f, lanes * workgroupColumns>;
var<workgroup> laneTotals: array<vec2f, lanes * workgroupColumns>; // total, largest

// The sums of all lanes, brought to one largest score as hybrid_attend_merge does it with splits.
fn gathered(own: Sum, lane: u32, column: u32) -> Sum {
  workgroupBarrier();
  laneSums[lane * workgroupColumns + column] = own.values;
  laneTotals[lane * workgroupColumns + column] = vec2f(own.total, own.largest);
  workgroupBarrier();
  var all = Sum(vec4f(), 0.0, lowest);
  for (var other = column; other < lanes * workgroupColumns; other += workgroupColumns) {
    all.largest = max(all.largest, laneTotals[other].y);
  }
  for (var other = column; other < lanes * workgroupColumns; other += workgroupColumns) {
    let share = exp(laneTotals[other].y - all.largest);
    all.values += share * laneSums[other];
    all.total += share * laneTotals[other].x;
  }
  return all;
}

// Every lane has read the leaving value, whose place is about to be taken.
fn settle() { storageBarrier(); }
