// Attention steps: a task takes some heads of one sample.
#include <algorithm>

#include "backends/cpu/task.h"

namespace trine::cpu {
namespace {

// Scores that make a task worth a thread's while.
constexpr std::int64_t kScores = 16384;

struct HeadLayout {
  Operand operand;
  float* base;

  float* at(std::int64_t batch, std::int64_t head) const {
    return base + batch * operand.strides[0] + head * operand.strides[2];
  }
  std::int64_t row() const { return operand.strides[1]; }
};

class Heads {
 public:
  Heads(BuildContext& build, const Member& member)
      : q{member.inputs[0], build.address(member.inputs[0])},
        k{member.inputs[1], build.address(member.inputs[1])},
        v{member.inputs[2], build.address(member.inputs[2])} {
    const Shape &qs = q.operand.type.shape, &ks = k.operand.type.shape;
    batch = qs[0];
    queries = qs[1];
    heads = qs[2];
    keys = ks[1];
    const Attrs& attrs = member.attrs;
    common.queries = queries;
    common.keys = keys;
    common.width = qs[3];
    common.q_row = q.row();
    common.k_row = k.row();
    common.v_row = v.row();
    common.out_row = heads * qs[3];  // results are dense
    common.visible = attrs.has("causal_offset") ? attrs.integer("causal_offset") + 1 : keys;
    common.scale = static_cast<float>(attrs.real("scale"));
    common.draws.id = static_cast<std::uint32_t>(attrs.integer("id"));
    common.draws.rate = static_cast<float>(attrs.real("rate"));
    if (attrs.integer("masked")) mask = build.address(member.inputs[3]);
    build.need_scratch(attention_scratch(queries, keys, qs[3]));
  }

  AttentionArgs args(std::int64_t b, std::int64_t h, const TaskContext& context) const {
    AttentionArgs a = common;
    a.q = q.at(b, h);
    a.k = k.at(b, h);
    a.v = v.at(b, h);
    a.mask = mask ? mask + b * keys : nullptr;
    a.draws.seed = context.params.seed;
    a.draws.step = context.params.step;
    a.first_draw = static_cast<std::uint64_t>((b * heads + h) * queries * ((keys + 3) / 4 * 4));
    a.scratch = context.scratch;
    return a;
  }

  // First element of a head in a dense (batch, steps, heads, width) result.
  std::int64_t dense(std::int64_t b, std::int64_t h, std::int64_t steps) const {
    return (b * steps * heads + h) * common.width;
  }

  std::int64_t group() const { return std::max<std::int64_t>(1, kScores / (queries * keys)); }

  HeadLayout q, k, v;
  std::int64_t batch, queries, heads, keys;
  AttentionArgs common{};
  const float* mask = nullptr;
};

void build_attention(BuildContext& build, const Step& step, WaveTasks& tasks) {
  const Kernels& kernels = build.kernels();
  for (const Member& member : step.members) {
    const Heads heads(build, member);
    float* out = build.address(member.outputs[0]);
    float* statistics = build.address(member.outputs[1]);
    for_pieces(heads.batch * heads.heads, heads.group(), [&](std::int64_t begin, std::int64_t end) {
      tasks.add([=, &kernels](const TaskContext& context) {
        for (std::int64_t i = begin; i < end; ++i) {
          const std::int64_t b = i / heads.heads, h = i % heads.heads;
          kernels.attention(heads.args(b, h, context), out + heads.dense(b, h, heads.queries),
                            statistics + i * heads.queries);
        }
      });
    });
  }
}

void build_attention_grad(BuildContext& build, const Step& step, WaveTasks& tasks) {
  const Kernels& kernels = build.kernels();
  for (const Member& member : step.members) {
    const Heads heads(build, member);
    const std::size_t at = member.inputs.size() - 3;
    const float* out = build.address(member.inputs[at]);
    const float* statistics = build.address(member.inputs[at + 1]);
    const float* g = build.address(member.inputs[at + 2]);
    float* dq = build.address(member.outputs[0]);
    float* dk = build.address(member.outputs[1]);
    float* dv = build.address(member.outputs[2]);
    for_pieces(heads.batch * heads.heads, heads.group(), [&](std::int64_t begin, std::int64_t end) {
      tasks.add([=, &kernels](const TaskContext& context) {
        for (std::int64_t i = begin; i < end; ++i) {
          const std::int64_t b = i / heads.heads, h = i % heads.heads;
          const std::int64_t row = heads.common.out_row;
          const std::int64_t qi = heads.dense(b, h, heads.queries),
                             ki = heads.dense(b, h, heads.keys);
          kernels.attention_grad(heads.args(b, h, context),
                                 {out + qi, statistics + i * heads.queries, g + qi, dq + qi,
                                  dk + ki, dv + ki, row, row});
        }
      });
    });
  }
}

}  // namespace

std::vector<OpKernel> attention_kernels() {
  return {{.op = "attention", .build = build_attention},
          {.op = "attention_grad", .build = build_attention_grad}};
}

}  // namespace trine::cpu
