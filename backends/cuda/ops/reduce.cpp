// Reductions: the index space is put in the order outer, reduced, inner, and the threads of a block
// are shared out between results and reduced elements.
#include <algorithm>
#include <bit>

#include "backends/cuda/build.h"
#include "backends/reduction_order.h"
#include "engine/layout.h"

namespace trine::cuda {
namespace {

// Reduced elements that a thread should at least have before a reduction is cut into segments, and
// blocks beyond which it is not. Fixed numbers: sums must round alike on every card.
constexpr std::int64_t kSegmentPerLane = 32;
constexpr std::int64_t kEnoughBlocks = 128;
constexpr std::int64_t kMaxSegments = 64;

int power_of_two(std::int64_t at_least, int most) {
  if (at_least >= most) return most;
  return static_cast<int>(
      std::bit_ceil(static_cast<std::uint64_t>(std::max<std::int64_t>(at_least, 1))));
}

// How a block's threads and the segments are shared out.
void divide(ReduceMember& m, std::int64_t outer) {
  const std::int64_t results = outer * m.inner;
  m.results = static_cast<int>(results);
  m.lanes_adjacent = m.inner == 1;
  const int some = m.lanes_adjacent ? 1 : power_of_two(m.inner, 32);  // results side by side
  m.lanes = power_of_two(m.lanes_adjacent ? ceil_div(m.reduced, 4) : m.reduced, kThreads / some);
  m.width = kThreads / m.lanes;
  const std::int64_t blocks = ceil_div(results, m.width);
  const std::int64_t wanted = std::min(
      {ceil_div(kEnoughBlocks, blocks), kMaxSegments, m.reduced / (m.lanes * kSegmentPerLane)});
  m.segment_length = static_cast<int>(ceil_div(m.reduced, std::max<std::int64_t>(wanted, 1)));
  m.segments = static_cast<int>(ceil_div(m.reduced, m.segment_length));
}

std::int64_t blocks_of(const ReduceMember& m) { return ceil_div(m.results, m.width) * m.segments; }

ReduceMember member_of(Build& build, const Step& step, const Member& member) {
  const auto operands = std::span(member.inputs).first(static_cast<std::size_t>(step.op_inputs));
  const ReductionOrder order =
      reduction_order(member.attrs.dims("axes"), operands[0].type.shape, operands);
  ReduceMember m{};
  m.reduced = static_cast<int>(order.reduced);
  m.inner = static_cast<int>(order.inner);
  divide(m, order.outer);
  m.domain = domain_of(order.shape);
  std::vector<Window> windows;
  for (std::size_t k = 0; k < operands.size(); ++k)
    windows.push_back(window_of(build, operands[k], order.strides[k]));
  m.inputs = build.table().append<Window>(windows);
  m.points = epilogue_points(build, step, member);
  m.scalars = m.points.scalars;  // slots of both expressions count through
  return m;
}

// What adds up the partial results of a segmented reduction.
ReduceMember combiner_of(Build& build, const ReduceMember& parts) {
  ReduceMember m{};
  m.reduced = parts.segments;
  m.inner = parts.results;
  m.results = parts.results;
  m.lanes_adjacent = 0;
  m.lanes = power_of_two(m.reduced, kThreads / power_of_two(m.inner, 32));
  m.width = kThreads / m.lanes;
  m.segments = 1;
  m.segment_length = m.reduced;
  m.domain = domain_of({std::int64_t{m.reduced} * m.inner});
  const Window window{parts.partials, 0, {1}};
  m.inputs = build.table().append<Window>(std::span(&window, 1));
  m.points = parts.points;
  return m;
}

// Where one expression is wanted and the step has none for the other place.
const Expression kCopy{.inputs = 1, .scalars = 0, .instrs = {}, .outputs = {0}};

void set_prologue(Build& build, Launch& launch, const Expression& prologue) {
  launch.prologue = &prologue;
  launch.args.prologue = code_of(build, prologue);
}

void build_reduce(Build& build, const Step& step) {
  Launch launch{.file = "reduce", .kernel = step.op->name};
  if (!step.body.empty() || !step.prologue.empty()) {
    set_prologue(build, launch, step.prologue.empty() ? kCopy : step.prologue);
    launch.body = step.body.empty() ? &kCopy : &step.body;
    launch.args.body = code_of(build, *launch.body);
  }
  std::vector<ReduceMember> members, combiners;
  Blocks blocks, later;
  for (const Member& member : step.members) {
    ReduceMember m = member_of(build, step, member);
    if (m.results == 0) continue;
    m.first_block = blocks.take(blocks_of(m));
    if (m.segments > 1) {
      m.partials = build.keep(std::int64_t{m.segments} * m.results);
      combiners.push_back(combiner_of(build, m));
      combiners.back().first_block = later.take(blocks_of(combiners.back()));
    }
    members.push_back(m);
  }
  build.add(launch, members, blocks.total());
  if (launch.prologue) set_prologue(build, launch, kCopy);
  build.add(launch, combiners, later.total(), 1);
}

}  // namespace

std::vector<OpKernel> reduce_kernels() {
  return {{.op = "reduce_sum", .build = build_reduce, .epilogue = true, .prologue = true},
          {.op = "reduce_max", .build = build_reduce, .epilogue = true, .prologue = true}};
}

}  // namespace trine::cuda
