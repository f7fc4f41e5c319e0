// Reductions. The index space is reordered so that each task walks memory in order: reduced
// dimensions last where the innermost one is reduced ("rows"), else second to last ("columns").
// Large reductions with few results are cut into segments whose partial results a second phase
// combines in order.
#include <algorithm>
#include <limits>

#include "backends/cpu/operands.h"
#include "backends/reduction_order.h"
#include "engine/error.h"

namespace trine::cpu {
namespace {

constexpr std::int64_t kSegment = 4 * kGrain;

struct Combiner {
  float (*row)(const float*, std::int64_t);
  void (*into)(float*, const float*, std::int64_t);
  float start;

  Combiner(const Kernels& kernels, bool is_sum)
      : row(is_sum ? kernels.sum : kernels.max),
        into(is_sum ? kernels.add_into : kernels.max_into),
        start(is_sum ? 0.0f : -std::numeric_limits<float>::infinity()) {}
};

class Reduction {
 public:
  Reduction(BuildContext& build, const Step& step, const Member& member)
      : combine_(build.kernels(), step.op->name == "reduce_sum"), epilogue_(build, step, member) {
    const auto operands = std::span(member.inputs).first(static_cast<std::size_t>(step.op_inputs));
    const ReductionOrder order =
        reduction_order(member.attrs.dims("axes"), operands[0].type.shape, operands);
    outer = order.outer;
    reduced = order.reduced;
    inner = order.inner;
    std::vector<TileOperand> inputs = tile_operands(build, operands);
    for (std::size_t k = 0; k < inputs.size(); ++k) inputs[k].strides = order.strides[k];
    static const Expression kIdentity{.inputs = 1, .scalars = 0, .instrs = {}, .outputs = {0}};
    const Expression& prologue = step.prologue.empty() ? kIdentity : step.prologue;
    tiles_ = std::make_shared<const Tiles>(build.kernels(), prologue, member.scalars, order.shape,
                                           std::move(inputs), std::vector<TileOperand>{});
    build.need_scratch(tiles_->scratch());
  }

  float* landing() const { return epilogue_.landing(); }
  void finish(std::int64_t begin, std::int64_t end, const TaskContext& context) const {
    epilogue_.run(begin, end, context);
  }

  // Results begin .. end - 1 of a reduction without inner dimension over elements first .. last - 1
  // of each, to `to`.
  void rows(float* to, std::int64_t begin, std::int64_t end, std::int64_t first, std::int64_t last,
            const TaskContext& context) const {
    const std::int64_t length = last - first;
    const std::int64_t together =
        length == reduced ? std::max<std::int64_t>(1, kTile / reduced) : 1;
    for (std::int64_t o = begin; o < end; o += together) {
      const std::int64_t some = std::min(together, end - o);
      if (length <= kTile) {
        const float* x =
            tiles_->evaluate(o * reduced + first, (o + some - 1) * reduced + last, context);
        for (std::int64_t i = 0; i < some; ++i)
          to[o - begin + i] = combine_.row(x + i * reduced, length);
        continue;
      }
      float total = combine_.start;
      for (std::int64_t r = first; r < last; r += kTile) {
        const std::int64_t n = std::min(kTile, last - r);
        const float part =
            combine_.row(tiles_->evaluate(o * reduced + r, o * reduced + r + n, context), n);
        combine_.into(&total, &part, 1);
      }
      to[o - begin] = total;
    }
  }

  // Columns begin .. end - 1 of result row `o` over reduced elements first .. last - 1, to `to`.
  void columns(float* to, std::int64_t o, std::int64_t begin, std::int64_t end, std::int64_t first,
               std::int64_t last, const TaskContext& context) const {
    const std::int64_t width = end - begin;
    std::fill(to, to + width, combine_.start);
    // Whole short rows are evaluated several at a time.
    const std::int64_t together = width == inner ? std::max<std::int64_t>(1, kTile / inner) : 1;
    for (std::int64_t r = first; r < last; r += together) {
      const std::int64_t some = std::min(together, last - r);
      const std::int64_t at = (o * reduced + r) * inner + begin;
      const float* x = tiles_->evaluate(at, at + (some - 1) * inner + width, context);
      for (std::int64_t i = 0; i < some; ++i) combine_.into(to, x + i * inner, width);
    }
  }

  void combine(float* to, const float* part, std::int64_t n) const { combine_.into(to, part, n); }

  std::int64_t outer = 1, reduced = 1, inner = 1;

 private:
  Combiner combine_;
  Epilogue epilogue_;
  std::shared_ptr<const Tiles> tiles_;
};

using Shared = std::shared_ptr<const Reduction>;

void build_rows(const Shared& r, WaveTasks& tasks) {
  const std::int64_t group = std::max<std::int64_t>(1, kGrain / r->reduced);
  for_pieces(r->outer, group, [&](std::int64_t begin, std::int64_t end) {
    tasks.add([=](const TaskContext& context) {
      r->rows(r->landing() + begin, begin, end, 0, r->reduced, context);
      r->finish(begin, end, context);
    });
  });
}

void build_columns(const Shared& r, WaveTasks& tasks) {
  for (std::int64_t o = 0; o < r->outer; ++o)
    for_pieces(r->inner, kTile, [&](std::int64_t begin, std::int64_t end) {
      tasks.add([=](const TaskContext& context) {
        r->columns(r->landing() + o * r->inner + begin, o, begin, end, 0, r->reduced, context);
        r->finish(o * r->inner + begin, o * r->inner + end, context);
      });
    });
}

// Each segment reduces its part into memory of its own; the second phase adds them up in order.
void build_segments(BuildContext& build, const Shared& r, std::int64_t segment, WaveTasks& tasks) {
  const std::int64_t results = r->outer * r->inner;
  const std::int64_t segments = (r->reduced + segment - 1) / segment;
  float* parts = build.keep(segments * results);
  for_pieces(r->reduced, segment, [&](std::int64_t first, std::int64_t last) {
    float* to = parts + first / segment * results;
    tasks.add([=](const TaskContext& context) {
      if (r->inner == 1) return r->rows(to, 0, r->outer, first, last, context);
      for (std::int64_t o = 0; o < r->outer; ++o)
        for_pieces(r->inner, kTile, [&](std::int64_t begin, std::int64_t end) {
          r->columns(to + o * r->inner + begin, o, begin, end, first, last, context);
        });
    });
  });
  tasks.add(
      [=](const TaskContext& context) {
        std::copy(parts, parts + results, r->landing());
        for (std::int64_t s = 1; s < segments; ++s)
          r->combine(r->landing(), parts + s * results, results);
        r->finish(0, results, context);
      },
      1);
}

void build_reduce(BuildContext& build, const Step& step, WaveTasks& tasks) {
  for (const Member& member : step.members) {
    const auto r = std::make_shared<const Reduction>(build, step, member);
    const std::int64_t results = r->outer * r->inner;
    const std::int64_t pieces =
        r->inner == 1 ? r->outer : r->outer * ((r->inner + kTile - 1) / kTile);
    if (results * r->reduced > kSegment && pieces < 8 && r->reduced >= 16)
      build_segments(build, r, std::max<std::int64_t>(1, kSegment / results), tasks);
    else if (r->inner == 1)
      build_rows(r, tasks);
    else
      build_columns(r, tasks);
  }
}

}  // namespace

std::vector<OpKernel> reduce_kernels() {
  return {{.op = "reduce_sum", .build = build_reduce, .epilogue = true, .prologue = true},
          {.op = "reduce_max", .build = build_reduce, .epilogue = true, .prologue = true}};
}

}  // namespace trine::cpu
