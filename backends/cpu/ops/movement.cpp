// Steps that move rows: gather, scatter_add, spread.
#include <algorithm>
#include <bit>

#include "backends/cpu/tiles.h"

namespace trine::cpu {
namespace {

std::int64_t index_at(const float* words, std::int64_t i, std::int64_t rows) {
  return std::clamp<std::int64_t>(std::bit_cast<std::int32_t>(words[i]), 0, rows - 1);
}

std::int64_t row_length(const Shape& shape) {
  return count(shape) / std::max<std::int64_t>(shape[0], 1);
}

void build_gather(BuildContext& build, const Step& step, WaveTasks& tasks) {
  for (const Member& member : step.members) {
    const float* table = build.address(member.inputs[0]);
    const float* index = build.address(member.inputs[1]);
    float* out = build.address(member.outputs[0]);
    const std::int64_t rows = member.inputs[0].type.shape[0];
    const std::int64_t width = row_length(member.inputs[0].type.shape);
    for_pieces(count(member.inputs[1].type.shape), std::max<std::int64_t>(1, kGrain / width),
               [&](std::int64_t begin, std::int64_t end) {
                 tasks.add([=](const TaskContext&) {
                   for (std::int64_t i = begin; i < end; ++i)
                     std::copy_n(table + index_at(index, i, rows) * width, width, out + i * width);
                 });
               });
  }
}

// A task owns a range of columns and adds updates in the order of the index.
void build_scatter_add(BuildContext& build, const Step& step, WaveTasks& tasks) {
  for (const Member& member : step.members) {
    const float* index = build.address(member.inputs[0]);
    const float* updates = build.address(member.inputs[1]);
    float* out = build.address(member.outputs[0]);
    const std::int64_t n = count(member.inputs[0].type.shape);
    const std::int64_t rows = member.outputs[0].type.shape[0];
    const std::int64_t width = row_length(member.outputs[0].type.shape);
    const auto add_into = build.kernels().add_into;
    const std::int64_t piece = std::max<std::int64_t>(16, kGrain / std::max<std::int64_t>(n, 1));
    for_pieces(width, piece, [&](std::int64_t begin, std::int64_t end) {
      tasks.add([=](const TaskContext&) {
        for (std::int64_t r = 0; r < rows; ++r)
          std::fill(out + r * width + begin, out + r * width + end, 0.0f);
        for (std::int64_t i = 0; i < n; ++i)
          add_into(out + index_at(index, i, rows) * width + begin, updates + i * width + begin,
                   end - begin);
      });
    });
  }
}

void build_spread(BuildContext& build, const Step& step, WaveTasks& tasks) {
  for (const Member& member : step.members) {
    const Operand &from = member.inputs[0], &to = member.outputs[0];
    const int axis = static_cast<int>(member.attrs.integer("axis"));
    const std::int64_t start = member.attrs.integer("start"), every = member.attrs.integer("step");
    const float* x = build.address(from);
    float* out = build.address(to);
    // Both seen as (outer, axis, inner).
    std::int64_t outer = 1, inner = 1;
    for (int d = 0; d < axis; ++d) outer *= to.type.shape[d];
    for (int d = axis + 1; d < to.type.shape.rank(); ++d) inner *= to.type.shape[d];
    const std::int64_t extent = to.type.shape[axis], n = from.type.shape[axis];
    for_pieces(
        outer, std::max<std::int64_t>(1, kGrain / (extent * inner)),
        [&](std::int64_t begin, std::int64_t end) {
          tasks.add([=, shape = from.type.shape, strides = from.strides](const TaskContext&) {
            std::fill(out + begin * extent * inner, out + end * extent * inner, 0.0f);
            for (std::int64_t o = begin; o < end; ++o)
              for (std::int64_t i = 0; i < n; ++i)
                gather_elements(out + (o * extent + start + i * every) * inner, x, shape, strides,
                                (o * n + i) * inner, inner);
          });
        });
  }
}

}  // namespace

std::vector<OpKernel> movement_kernels() {
  return {{.op = "gather", .build = build_gather},
          {.op = "scatter_add", .build = build_scatter_add},
          {.op = "spread", .build = build_spread}};
}

}  // namespace trine::cpu
