// hybrid_attend_prefill: attention of T tokens to their windows, sharing one softmax with their slot scores.
//
//   scores[j]   = D^-1/2 * (query rotated by i) . R(j - position) k_j      for t - W < j <= t, t = position + i
//   output      = sum_j p_j * value_j;  slotWeights[m] <- p_m;  p = softmax(slotWeights | scores)
//
// A sink, j < S, that has left the window of t keeps to its edge: its distance is min(t, W + S - 1) - j. Rows of the ring
// as in hybrid_attend_scores.
//
// The queries are rotated already (query_rotate_prefill), keys relative to `position` as well: distances only. A key at
// or after `position` is in the chunk, an older one in the ring.
//
// One invocation owns 4 rows of a KV head, row = i * G + g, and walks their keys 4 at a time with a running largest score
// and total; the weighted sums stay in the output buffer. A column of a matrix is a key, its components are the rows.
// No barrier, no workgroup memory.

override queryHeads: u32; // Q
override kvHeads: u32;    // H
override headDim: u32;    // D
override slots: u32;      // M
override rowSize: u32;
override maskEmptySlots: bool;
override workgroupSize: u32;

const windowAll = 0xffffffffu;
const lowest = -3.4e38;

struct Step { position: u32, tokens: u32 }
struct Layer { window: u32, slotsOn: u32, sinks: u32 }

@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<uniform> layer: Layer;
@group(0) @binding(2) var<storage, read> projections: array<f32>;         // [T, rowSize], rotated q first
@group(0) @binding(3) var<storage, read> windowKeys: array<u32>;          // f16 [S + capacity, H, D]
@group(0) @binding(4) var<storage, read> windowValues: array<vec2u>;      // f16 [S + capacity, H, D]
@group(0) @binding(5) var<storage, read> chunkKeys: array<u32>;           // f16 [T, H, D]
@group(0) @binding(6) var<storage, read> chunkValues: array<vec2u>;       // f16 [T, H, D]
@group(0) @binding(7) var<storage, read> ropeTable: array<vec4f>;         // [rows, D/2, (cos, sin)], two pairs a vector
@group(0) @binding(8) var<storage, read_write> slotWeights: array<vec4f>; // [T, Q, M padded to 4]: scores, then weights
@group(0) @binding(9) var<storage, read_write> output: array<vec4f>;      // [T, Q, D]

// The 4 rows of one invocation; rows beyond the last repeat it and are not stored.
struct Rows {
  positions: vec4u,
  queries: vec4u, // where q begins in projections
  heads: vec4u,   // i * Q + q
  live: vec4<bool>,
}

// Weights of masked scores, which are `lowest`, are 0 even where everything is masked.
fn weigh(scores: vec4f, largest: vec4f) -> vec4f {
  return select(exp(scores - largest), vec4f(), scores <= vec4f(lowest));
}

fn slotScores(head: u32, quad: u32, visible: bool) -> vec4f {
  let real = 4 * quad + vec4u(0, 1, 2, 3) < vec4u(slots);
  return select(vec4f(lowest), slotWeights[head * ((slots + 3) / 4) + quad], real & vec4<bool>(visible));
}

fn loadKey(row: u32, recent: bool, word: u32) -> vec2f {
  if (recent) { return unpack2x16float(chunkKeys[row + word]); }
  return unpack2x16float(windowKeys[row + word]);
}

// Dimensions 2i, 2i + 1 and the two that are D/2 further, of a key rotated by a distance from `position`, ahead or back.
fn rotatedKey(row: u32, recent: bool, distance: u32, ahead: bool, i: u32) -> vec4f {
  let quarter = headDim / 4;
  let first = loadKey(row, recent, i);
  let second = loadKey(row, recent, quarter + i);
  let turn = ropeTable[distance * quarter + i];
  let sine = select(-turn.yw, turn.yw, ahead);
  return vec4f(first * turn.xz - second * sine, second * turn.xz + first * sine);
}

fn loadQueries(at: vec4u) -> vec4f {
  return vec4f(projections[at.x], projections[at.y], projections[at.z], projections[at.w]);
}

// Where 4 keys are: their row in the chunk if recent, else in the ring.
struct Keys {
  positions: vec4u,
  rows: vec4u, // place * H + h
  recent: vec4<bool>,
}

fn findKeys(first: u32, last: u32, h: u32) -> Keys {
  var keys: Keys;
  keys.positions = first + vec4u(0, 1, 2, 3);
  let capacity = arrayLength(&windowKeys) / (kvHeads * headDim / 2) - layer.sinks;
  let held = min(keys.positions, vec4u(last));
  let ring = select(layer.sinks + (held - layer.sinks) % capacity, held, held < vec4u(layer.sinks));
  keys.recent = held >= vec4u(step.position);
  keys.rows = select(ring, held - step.position, keys.recent) * kvHeads + h;
  return keys;
}

fn visibleScores(scores: vec4f, rows: Rows, key: u32) -> vec4f {
  let visible = (vec4u(key) <= rows.positions) & (rows.positions - key < vec4u(layer.window));
  return select(vec4f(lowest), inverseSqrt(f32(headDim)) * scores, visible);
}

fn windowScores(rows: Rows, keys: Keys, last: u32) -> mat4x4f {
  let held = min(keys.positions, vec4u(last));
  let distances = select(step.position - held, held - step.position, keys.recent);
  let starts = keys.rows * (headDim / 2);
  let half = headDim / 2;
  var scores: mat4x4f;
  for (var i = 0u; i < headDim / 4; i++) {
    let key0 = rotatedKey(starts.x, keys.recent.x, distances.x, keys.recent.x, i);
    let key1 = rotatedKey(starts.y, keys.recent.y, distances.y, keys.recent.y, i);
    let key2 = rotatedKey(starts.z, keys.recent.z, distances.z, keys.recent.z, i);
    let key3 = rotatedKey(starts.w, keys.recent.w, distances.w, keys.recent.w, i);
    let at = rows.queries + 2 * i;
    let query = mat4x4f(loadQueries(at), loadQueries(at + 1), loadQueries(at + half), loadQueries(at + half + 1));
    scores += mat4x4f(query * key0, query * key1, query * key2, query * key3);
  }
  return mat4x4f(
    visibleScores(scores[0], rows, keys.positions.x),
    visibleScores(scores[1], rows, keys.positions.y),
    visibleScores(scores[2], rows, keys.positions.z),
    visibleScores(scores[3], rows, keys.positions.w),
  );
}

fn sinkScore(start: u32, recent: bool, distance: u32, ahead: bool, query: u32) -> f32 {
  let half = headDim / 2;
  var score = 0.0;
  for (var i = 0u; i < headDim / 4; i++) {
    let at = query + 2 * i;
    let four = vec4f(projections[at], projections[at + 1], projections[at + half], projections[at + half + 1]);
    score += dot(four, rotatedKey(start, recent, distance, ahead, i));
  }
  return score;
}

// Sinks are few, and their angle is another for each row: one by one.
fn sinkScores(rows: Rows, keys: Keys) -> mat4x4f {
  let turns = rows.positions - step.position;
  var scores: mat4x4f;
  for (var c = 0u; c < 4; c++) {
    let sink = keys.positions[c];
    let visible = vec4<bool>(sink < layer.sinks) & (rows.positions >= vec4u(sink + layer.window));
    let edge = min(rows.positions, vec4u(layer.window + layer.sinks - 1)) - sink;
    let ahead = turns > edge;
    let distances = select(edge - turns, turns - edge, ahead);
    var column = vec4f(lowest);
    for (var r = 0u; r < 4; r++) {
      if (!visible[r]) { continue; }
      let score = sinkScore(keys.rows[c] * (headDim / 2), keys.recent[c], distances[r], ahead[r], rows.queries[r]);
      column[r] = inverseSqrt(f32(headDim)) * score;
    }
    scores[c] = column;
  }
  return scores;
}

fn loadValue(row: u32, recent: bool, column: u32) -> vec4f {
  let at = row * (headDim / 4) + column;
  var words: vec2u;
  if (recent) { words = chunkValues[at]; } else { words = windowValues[at]; }
  return vec4f(unpack2x16float(words.x), unpack2x16float(words.y));
}

fn loadValues(keys: Keys, column: u32) -> mat4x4f {
  return mat4x4f(
    loadValue(keys.rows.x, keys.recent.x, column),
    loadValue(keys.rows.y, keys.recent.y, column),
    loadValue(keys.rows.z, keys.recent.z, column),
    loadValue(keys.rows.w, keys.recent.w, column),
  );
}

// What the output held, shrunk; nothing of it where this is the first tile.
fn held(at: u32, shrink: f32, fresh: bool) -> vec4f {
  if (fresh) { return vec4f(); }
  return shrink * output[at];
}

@compute @workgroup_size(workgroupSize)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let groupSize = queryHeads / kvHeads;
  let count = step.tokens * groupSize;
  if (4 * id.x >= count) { return; }
  let h = id.y;
  let columns = headDim / 4;
  let all = 4 * id.x + vec4u(0, 1, 2, 3);
  let index = min(all, vec4u(count - 1));
  let i = index / groupSize;
  let q = h * groupSize + index % groupSize;
  let rows = Rows(step.position + i, i * rowSize + q * headDim, i * queryHeads + q, all < vec4u(count));

  let quads = select(0u, (slots + 3) / 4, layer.slotsOn != 0 && layer.window != windowAll);
  let ready = vec4<bool>(!maskEmptySlots) | (rows.positions >= vec4u(layer.window + layer.sinks));
  var largest = vec4f(lowest);
  for (var quad = 0u; quad < quads; quad++) {
    for (var r = 0u; r < 4; r++) {
      let scores = slotScores(rows.heads[r], quad, ready[r]);
      largest[r] = max(largest[r], max(max(scores.x, scores.y), max(scores.z, scores.w)));
    }
  }
  var total: vec4f;
  for (var quad = 0u; quad < quads; quad++) {
    for (var r = 0u; r < 4; r++) {
      total[r] += dot(weigh(slotScores(rows.heads[r], quad, ready[r]), vec4f(largest[r])), vec4f(1));
    }
  }

  let last = rows.positions.w;
  let first = rows.positions.x + 1 - min(layer.window, rows.positions.x + 1);
  let sinkSpan = select(0u, (layer.sinks + 3) / 4 * 4, last >= layer.window);
  let entries = sinkSpan + select(last + 1 - first, 0u, layer.window == 0);
  for (var entry = 0u; entry < entries; entry += 4) {
    var keys: Keys;
    var scores: mat4x4f;
    if (entry < sinkSpan) {
      keys = findKeys(entry, min(last, layer.sinks - 1), h);
      scores = sinkScores(rows, keys);
    } else {
      keys = findKeys(first + entry - sinkSpan, last, h);
      scores = windowScores(rows, keys, last);
    }
    let now = max(largest, max(max(scores[0], scores[1]), max(scores[2], scores[3])));
    let shrink = exp(largest - now);
    let weights = mat4x4f(weigh(scores[0], now), weigh(scores[1], now), weigh(scores[2], now), weigh(scores[3], now));
    largest = now;
    total = shrink * total + weights * vec4f(1);

    let rowWeights = transpose(weights);
    for (var column = 0u; column < columns; column++) {
      let values = loadValues(keys, column);
      let at = rows.heads * columns + column;
      let fresh = entry == 0;
      output[at.x] = held(at.x, shrink.x, fresh) + values * rowWeights[0];
      if (rows.live.y) { output[at.y] = held(at.y, shrink.y, fresh) + values * rowWeights[1]; }
      if (rows.live.z) { output[at.z] = held(at.z, shrink.z, fresh) + values * rowWeights[2]; }
      if (rows.live.w) { output[at.w] = held(at.w, shrink.w, fresh) + values * rowWeights[3]; }
    }
  }

  let inverse = select(1.0 / total, vec4f(), total == vec4f());
  for (var r = 0u; r < 4; r++) {
    if (!rows.live[r]) { break; }
    for (var column = 0u; column < columns; column++) {
      let at = rows.heads[r] * columns + column;
      output[at] = held(at, inverse[r], entries == 0);
    }
    for (var quad = 0u; quad < quads; quad++) {
      let weights = weigh(slotScores(rows.heads[r], quad, ready[r]), vec4f(largest[r]));
      slotWeights[rows.heads[r] * quads + quad] = inverse[r] * weights;
    }
  }
}
