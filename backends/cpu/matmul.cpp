// Matrix products, cut into blocks of rows and columns that are independent tasks.
#include <algorithm>

#include "backends/cpu/operands.h"

namespace trine::cpu {
namespace {

// Multiply-adds that make a task worth a thread's while.
constexpr std::int64_t kWork = 1 << 19;

struct Blocks {
  std::int64_t rows, columns;  // of one task

  Blocks(std::int64_t m, std::int64_t n, std::int64_t k) : rows(m), columns(n) {
    // Halve the longer side until a task is small enough or its panel too thin to be efficient.
    while (rows * columns * k > kWork) {
      if (rows >= columns && rows > 32)
        rows = (rows / 2 + 15) / 16 * 16;
      else if (columns > 64)
        columns = (columns / 2 + 15) / 16 * 16;
      else if (rows > 32)
        rows = (rows / 2 + 15) / 16 * 16;
      else
        break;
    }
  }
};

// A batch index as an offset into an operand.
std::int64_t batch_offset(const Operand& operand, std::int64_t batch) {
  std::int64_t offset = 0;
  for (int d = operand.type.shape.rank() - 3; d >= 0; --d) {
    offset += batch % operand.type.shape[d] * operand.strides[d];
    batch /= operand.type.shape[d];
  }
  return offset;
}

// A stride of one is needed along rows or columns; along an extent of one any number will do.
void normalize(std::int64_t& row, std::int64_t& column, std::int64_t rows, std::int64_t columns) {
  if (column != 1 && columns == 1) column = 1;
  if (column != 1 && row != 1 && rows == 1) row = 1;
  // Rows that overlap, as those of windows() do, have a stride below their length; it stays.
  if (column == 1 && rows == 1 && row < columns) row = columns;
}

GemmArgs base_args(const BuildContext& build, const Member& member, float* c) {
  const Operand &a = member.inputs[0], &b = member.inputs[1];
  const int r = a.type.shape.rank();
  GemmArgs args{};
  args.a = build.address(a);
  args.b = build.address(b);
  args.c = c;
  args.m = a.type.shape[r - 2];
  args.k = a.type.shape[r - 1];
  args.n = b.type.shape[r - 1];
  args.a_row = a.strides[r - 2];
  args.a_column = a.strides[r - 1];
  args.b_row = b.strides[r - 2];
  args.b_column = b.strides[r - 1];
  args.c_row = args.n;
  return args;
}

void build_member(BuildContext& build, const Step& step, const Member& member, WaveTasks& tasks) {
  const Epilogue epilogue(build, step, member);
  const GemmArgs whole = base_args(build, member, epilogue.landing());
  const std::int64_t batches = count(member.inputs[0].type.shape) / std::max<std::int64_t>(whole.m * whole.k, 1);
  const Blocks blocks(whole.m, whole.n, whole.k);
  const std::int64_t per_batch = whole.m * whole.n * whole.k;
  const std::int64_t group = std::max<std::int64_t>(1, kWork / 2 / std::max<std::int64_t>(per_batch, 1));
  const auto gemm = build.kernels().gemm;
  for_pieces(batches, group, [&](std::int64_t first, std::int64_t last) {
    for_pieces(whole.m, blocks.rows, [&](std::int64_t row, std::int64_t row_end) {
      for_pieces(whole.n, blocks.columns, [&](std::int64_t column, std::int64_t column_end) {
        std::vector<GemmArgs> products;
        for (std::int64_t batch = first; batch < last; ++batch) {
          GemmArgs g = whole;
          g.a += batch_offset(member.inputs[0], batch) + row * g.a_row;
          g.b += batch_offset(member.inputs[1], batch) + column * g.b_column;
          g.c += (batch * whole.m + row) * whole.n + column;
          g.m = row_end - row;
          g.n = column_end - column;
          products.push_back(g);
        }
        for (GemmArgs& g : products) {
          normalize(g.a_row, g.a_column, g.m, g.k);
          normalize(g.b_row, g.b_column, g.k, g.n);
        }
        const bool full_rows = column == 0 && column_end == whole.n;
        tasks.add([=, products = std::move(products)](const TaskContext& context) {
          for (const GemmArgs& g : products) gemm(g);
          if (epilogue.empty()) return;
          const std::int64_t begin = first * whole.m + row;
          const std::int64_t end = (last - 1) * whole.m + row_end;
          if (full_rows) return epilogue.run(begin * whole.n, end * whole.n, context);
          for (std::int64_t r = begin; r < end; ++r)
            epilogue.run(r * whole.n + column, r * whole.n + column_end, context);
        });
      });
    });
  });
}

}  // namespace

void build_matmul(BuildContext& build, const Step& step, WaveTasks& tasks) {
  for (const Member& member : step.members) build_member(build, step, member, tasks);
}

}  // namespace trine::cpu
