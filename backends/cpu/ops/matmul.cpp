// Matrix products, cut into blocks of rows and columns that are independent tasks.
#include <algorithm>

#include "backends/cpu/operands.h"
#include "backends/cpu/product_end.h"

namespace trine::cpu {
namespace {

// Multiply-adds that make a task worth a thread's while.
constexpr std::int64_t kWork = 1 << 19;

// Large products, in which packing B costs less than reading it where it lies; and parameters so
// large that they are packed, whenever they have changed, for products of few rows.
constexpr std::int64_t kLarge = 1 << 26, kLargeSide = 128, kLargeParameter = 1 << 16;
// Columns of a task of theirs, so that its block of B stays in the second-level cache. All rows
// share the packing; they are cut only where there would be few tasks.
constexpr std::int64_t kLargeColumns = 64, kFewTasks = 8;

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

GemmMatrix part_of(const GemmMatrix& matrix, std::int64_t row, std::int64_t column) {
  return matrix.base ? GemmMatrix{matrix.base + row * matrix.row + column, matrix.row} : matrix;
}

// The end of the part of a product that begins at `row` and `column`.
GemmEnd end_at(const GemmEnd& whole, std::int64_t row, std::int64_t column) {
  GemmEnd end = whole;
  for (GemmMatrix& addend : end.addends) addend = part_of(addend, row, column);
  end.gate = part_of(end.gate, row, column);
  return end;
}

// The right operand of a member with contiguous rows: where it lies, or turned into memory beside
// the plan, once for all rows of the product: parameters when they have changed, other values by
// tasks of the first phase.
class RightOperand {
 public:
  RightOperand(BuildContext& build, const Operand& b, std::int64_t batches, WaveTasks& tasks)
      : operand_(b), base_(build.address(b)) {
    const int r = b.type.shape.rank();
    rows_ = b.type.shape[r - 2];
    columns_ = b.type.shape[r - 1];
    row = b.strides[r - 2];
    turned_ = b.strides[r - 1] != 1 && columns_ > 1;
    if (!turned_) return;
    const float* from = base_;
    const std::int64_t from_row = b.strides[r - 1];
    row = (columns_ + kLanes - 1) / kLanes * kLanes;
    const bool from_state = build.in_state(b);
    const std::int64_t floats = batches * rows_ * row + kLanes;
    float* to = from_state ? build.keep(floats) : build.borrow(floats);
    base_ = to;
    const auto transpose = build.kernels().transpose;
    phase_ = from_state ? 0 : 1;
    for (std::int64_t batch = 0; batch < batches; ++batch)
      for_pieces(columns_, std::max<std::int64_t>(kLanes, kGrain / rows_ / kLanes * kLanes),
                 [&](std::int64_t begin, std::int64_t end) {
                   const float* source = from + batch_offset(b, batch) + begin * from_row;
                   float* target = to + batch * rows_ * row + begin;
                   Task turn = [=, n = rows_, stride = row](const TaskContext&) {
                     transpose(target, source, end - begin, n, from_row, stride);
                   };
                   if (from_state)
                     build.add_refresh(std::move(turn));
                   else
                     tasks.add(std::move(turn));
                 });
  }

  const float* at(std::int64_t batch) const {
    return base_ + (turned_ ? batch * rows_ * row : batch_offset(operand_, batch));
  }

  // The phase in which products may run.
  int phase() const { return phase_; }

  std::int64_t row;

 private:
  const Operand& operand_;
  const float* base_;
  std::int64_t rows_, columns_;
  bool turned_;
  int phase_ = 0;
};

// A member's product as a whole, and what follows it.
struct Product {
  GemmArgs whole{};
  Epilogue epilogue;

  Product(BuildContext& build, const Step& step, const Member& member)
      : Product(build, step, member, find_product_end(build, step, member)) {}

  // Rows [row, row_end) and columns [column, column_end) of it.
  GemmArgs part(std::int64_t row, std::int64_t row_end, std::int64_t column,
                std::int64_t column_end) const {
    GemmArgs g = whole;
    g.a += row * g.a_row;
    g.b += column * g.b_column;
    g.c += row * g.c_row + column;
    g.end = end_at(g.end, row, column);
    g.m = row_end - row;
    g.n = column_end - column;
    return g;
  }

  void finish(std::int64_t row, std::int64_t row_end, std::int64_t column, std::int64_t column_end,
              const TaskContext& context) const {
    if (epilogue.empty()) return;
    const std::int64_t n = whole.n;
    if (column == 0 && column_end == n) return epilogue.run(row * n, row_end * n, context);
    for (; row < row_end; ++row) epilogue.run(row * n + column, row * n + column_end, context);
  }

 private:
  Product(BuildContext& build, const Step& step, const Member& member,
          const std::optional<GemmEnd>& end)
      : epilogue(end ? Epilogue::none(build, member) : Epilogue(build, step, member)) {
    const Operand &a = member.inputs[0], &b = member.inputs[1];
    const int r = a.type.shape.rank();
    whole.a = build.address(a);
    whole.b = build.address(b);
    whole.c = epilogue.landing();
    whole.m = a.type.shape[r - 2];
    whole.k = a.type.shape[r - 1];
    whole.n = b.type.shape[r - 1];
    whole.a_row = a.strides[r - 2];
    whole.a_column = a.strides[r - 1];
    whole.b_row = b.strides[r - 2];
    whole.b_column = b.strides[r - 1];
    whole.c_row = whole.n;
    if (end) whole.end = *end;
  }
};

// ---- Products that read their operands where they lie ----

void build_in_place(BuildContext& build, const Member& member, const Product& product,
                    WaveTasks& tasks) {
  const Operand &a = member.inputs[0], &b = member.inputs[1];
  const GemmArgs& whole = product.whole;
  const std::int64_t per_batch = std::max<std::int64_t>(whole.m * whole.k, 1);
  const std::int64_t batches = count(a.type.shape) / per_batch;
  const RightOperand right(build, b, batches, tasks);
  const Blocks blocks(whole.m, whole.n, whole.k);
  const std::int64_t group =
      std::max<std::int64_t>(1, kWork / 2 / std::max<std::int64_t>(per_batch * whole.n, 1));
  const auto gemm = build.kernels().gemm;
  for_pieces(batches, group, [&](std::int64_t first, std::int64_t last) {
    for_pieces(whole.m, blocks.rows, [&](std::int64_t row, std::int64_t row_end) {
      for_pieces(whole.n, blocks.columns, [&](std::int64_t column, std::int64_t column_end) {
        std::vector<GemmArgs> products;
        for (std::int64_t batch = first; batch < last; ++batch) {
          // Rows of all batches follow each other in C and in the end.
          GemmArgs g =
              product.part(batch * whole.m + row, batch * whole.m + row_end, column, column_end);
          g.a = whole.a + batch_offset(a, batch) + row * g.a_row;
          g.b = right.at(batch) + column;
          g.b_row = right.row;
          g.b_column = 1;
          // Eigen wants a stride of one even along an extent of one.
          if (g.a_column != 1 && (g.k == 1 || g.a_row != 1)) g.a_column = 1;
          products.push_back(g);
        }
        tasks.add(
            [=, products = std::move(products)](const TaskContext& context) {
              for (const GemmArgs& g : products) gemm(g);
              product.finish(first * whole.m + row, (last - 1) * whole.m + row_end, column,
                             column_end, context);
            },
            right.phase());
      });
    });
  });
}

// ---- Products with packed operands ----

enum class Packing { none, in_product, when_changed };

Packing packing_of(const BuildContext& build, const Member& member, const GemmArgs& g) {
  if (count(member.inputs[0].type.shape) != g.m * g.k || g.n % kPackedColumns != 0 ||
      std::min(g.n, g.k) < kLargeSide)
    return Packing::none;
  if (g.m >= kLargeSide && g.m * g.n * g.k >= kLarge) return Packing::in_product;
  const bool turned = g.b_column != 1 && build.in_state(member.inputs[1]);
  return turned && g.n * g.k >= kLargeParameter && build.kernels().pack_right
             ? Packing::when_changed
             : Packing::none;
}

// Packs A in the first phase where that pays.
PackedLeft packed_left(BuildContext& build, const GemmArgs& g, WaveTasks& tasks) {
  const auto pack = build.kernels().pack_left;
  if (g.a_column == 1 || !pack) return {};
  const std::int64_t rows = packed_rows(g.m);
  float* to = build.borrow(rows * g.k);
  for_pieces(rows, 4 * kPackedRows, [&](std::int64_t begin, std::int64_t end) {
    tasks.add([=](const TaskContext&) { pack(to, g, begin, end); });
  });
  return {to, rows, 0};
}

PackedRight packed_right(BuildContext& build, const GemmArgs& g) {
  float* to = build.keep(g.k * g.n);
  for_pieces(g.n, kLargeColumns, [&, pack = build.kernels().pack_right](auto begin, auto end) {
    build.add_refresh([=](const TaskContext&) { pack(to, g, begin, end); });
  });
  return {to, g.n, 0};
}

void build_packed(BuildContext& build, const Product& product, Packing packing, WaveTasks& tasks) {
  const GemmArgs& whole = product.whole;
  const PackedLeft left = packed_left(build, whole, tasks);
  const PackedRight right =
      packing == Packing::when_changed ? packed_right(build, whole) : PackedRight{};
  build.need_scratch(kPackedTerms * kLargeColumns);
  const bool few = (whole.n + kLargeColumns - 1) / kLargeColumns < kFewTasks;
  const std::int64_t rows = few && whole.m >= kLargeSide ? packed_rows(whole.m / 2) : whole.m;
  const auto gemm = build.kernels().packed_gemm;
  for_pieces(whole.n, kLargeColumns, [&](std::int64_t column, std::int64_t column_end) {
    for_pieces(whole.m, rows, [&](std::int64_t row, std::int64_t row_end) {
      tasks.add(
          [=](const TaskContext& context) {
            gemm(product.part(row, row_end, column, column_end), {left.panels, left.rows, row},
                 {right.strips, right.columns, column}, context.scratch);
            product.finish(row, row_end, column, column_end, context);
          },
          left.panels ? 1 : 0);
    });
  });
}

void build_member(BuildContext& build, const Step& step, const Member& member, WaveTasks& tasks) {
  const Product product(build, step, member);
  const Packing packing = packing_of(build, member, product.whole);
  if (packing == Packing::none)
    build_in_place(build, member, product, tasks);
  else
    build_packed(build, product, packing, tasks);
}

void build_matmul(BuildContext& build, const Step& step, WaveTasks& tasks) {
  for (const Member& member : step.members) build_member(build, step, member, tasks);
}

}  // namespace

std::vector<OpKernel> matmul_kernels() {
  return {{.op = "matmul", .build = build_matmul, .epilogue = true}};
}

}  // namespace trine::cpu
