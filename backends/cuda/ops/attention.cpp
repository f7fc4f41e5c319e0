// Attention and its gradient: a thread a query or a key, in kernels for a few head widths.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "backends/cuda/build.h"

namespace trine::cuda {
namespace {

// Head widths that the kernels hold in registers.
constexpr int kMaxHeadWidth = 128;

struct Sized {
  int width;
  std::string_view forward, gradient;
};

constexpr std::array<Sized, 5> kSizes = {{{8, "attention_8", "attention_grad_8"},
                                          {16, "attention_16", "attention_grad_16"},
                                          {32, "attention_32", "attention_grad_32"},
                                          {64, "attention_64", "attention_grad_64"},
                                          {kMaxHeadWidth, "attention_128", "attention_grad_128"}}};

// The smallest kernel that holds the heads of every member.
const Sized& size_of_step(const Step& step) {
  std::int64_t width = 0;
  for (const Member& member : step.members)
    width = std::max(width, member.inputs[0].type.shape.back());
  return *std::find_if(kSizes.begin(), kSizes.end(),
                       [&](const Sized& s) { return width <= s.width; });
}

Heads heads_of(const Build& build, const Operand& x) {
  return {build.address(x), static_cast<int>(x.strides[0]), static_cast<int>(x.strides[1]),
          static_cast<int>(x.strides[2])};
}

AttentionMember member_of(const Build& build, const Member& member) {
  const Attrs& attrs = member.attrs;
  const Shape &q = member.inputs[0].type.shape, &k = member.inputs[1].type.shape;
  AttentionMember m{};
  m.batch = static_cast<int>(q[0]);
  m.queries = static_cast<int>(q[1]);
  m.heads = static_cast<int>(q[2]);
  m.keys = static_cast<int>(k[1]);
  m.width = static_cast<int>(q[3]);
  m.query_blocks = static_cast<int>(ceil_div(m.queries, kAttentionThreads));
  m.key_blocks = static_cast<int>(ceil_div(m.keys, kAttentionThreads));
  m.visible =
      attrs.has("causal_offset") ? static_cast<int>(attrs.integer("causal_offset")) + 1 : m.keys;
  m.scale = static_cast<float>(attrs.real("scale"));
  m.rate = static_cast<float>(attrs.real("rate"));
  m.id = static_cast<unsigned>(attrs.integer("id"));
  m.q = heads_of(build, member.inputs[0]);
  m.k = heads_of(build, member.inputs[1]);
  m.v = heads_of(build, member.inputs[2]);
  if (attrs.integer("masked")) m.mask = build.address(member.inputs[3]);
  return m;
}

void build_attention(Build& build, const Step& step) {
  std::vector<AttentionMember> members;
  Blocks blocks;
  for (const Member& member : step.members) {
    AttentionMember m = member_of(build, member);
    m.out = build.address(member.outputs[0]);
    m.statistics = build.address(member.outputs[1]);
    m.first_block = blocks.take(std::int64_t{m.batch} * m.heads * m.query_blocks);
    members.push_back(m);
  }
  build.add(
      {.file = "attention", .kernel = size_of_step(step).forward, .threads = kAttentionThreads},
      members, blocks.total());
}

void build_attention_grad(Build& build, const Step& step) {
  std::vector<AttentionMember> members;
  Blocks blocks;
  for (const Member& member : step.members) {
    AttentionMember m = member_of(build, member);
    const std::size_t at = member.inputs.size() - 3;
    m.out = build.address(member.inputs[at]);
    m.statistics = build.address(member.inputs[at + 1]);
    m.g = build.address(member.inputs[at + 2]);
    m.dq = build.address(member.outputs[0]);
    m.dk = build.address(member.outputs[1]);
    m.dv = build.address(member.outputs[2]);
    m.first_block = blocks.take(std::int64_t{m.batch} * m.heads * (m.query_blocks + m.key_blocks));
    members.push_back(m);
  }
  build.add({.file = "attention_grad",
             .kernel = size_of_step(step).gradient,
             .threads = kAttentionThreads},
            members, blocks.total());
}

std::string why_too_wide(const Member& member) {
  const std::int64_t width = member.inputs[0].type.shape.back();
  if (width <= kMaxHeadWidth) return "";
  return fmt::format("the heads are {} wide and the CUDA kernels hold {}; use more heads", width,
                     kMaxHeadWidth);
}

}  // namespace

std::vector<OpKernel> attention_kernels() {
  return {{.op = "attention", .build = build_attention, .why_not = why_too_wide},
          {.op = "attention_grad", .build = build_attention_grad, .why_not = why_too_wide}};
}

}  // namespace trine::cuda
