// feed_token: what argmax or draw_token found is the next token to be read, unless it ends the turn.
//
//   tokens[0] = result[0]                                          if it is read
//   step      = { position + tokens, 1 if it is read, else 0 }     read: tokens > 0 and result[0] is none of `ends`
//
// A step of 0 tokens reads nothing and leaves nothing behind, nor does any step fed after it. One invocation.

struct Step { position: u32, tokens: u32 }

@group(0) @binding(0) var<storage, read_write> step: Step;
@group(0) @binding(1) var<storage, read> result: array<u32>;        // [2], of either
@group(0) @binding(2) var<uniform> ends: array<vec4u, 4>;           // ids that end a turn, the rest 0xffffffff
@group(0) @binding(3) var<storage, read_write> tokens: array<u32>;  // [1]

@compute @workgroup_size(1)
fn main() {
  let id = result[0];
  var isEnd = false;
  for (var i = 0u; i < 4u; i++) { isEnd = isEnd || any(ends[i] == vec4u(id)); }
  step.position += step.tokens;
  step.tokens = select(1u, 0u, isEnd || step.tokens == 0u);
  tokens[0] = id;
}
