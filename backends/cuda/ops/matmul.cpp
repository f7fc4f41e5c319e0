// Matrix products. A launch uses one tile size for all its members.
#include <algorithm>

#include "backends/cuda/build.h"
#include "engine/layout.h"

namespace trine::cuda {
namespace {

struct Sizes {
  std::int64_t batches, m, n, k;

  explicit Sizes(const Member& member) {
    const Shape &a = member.inputs[0].type.shape, &b = member.inputs[1].type.shape;
    const int r = a.rank();
    m = a[r - 2];
    k = a[r - 1];
    n = b[r - 1];
    batches = 1;
    for (int d = 0; d < r - 2; ++d) batches *= a[d];
  }

  std::int64_t tiles(std::int64_t tile) const {
    return batches * ceil_div(m, tile) * ceil_div(n, tile);
  }
};

// Wide tiles read less memory a product; they pay once they are enough to occupy a GPU. The number
// is that of a mid-size card's multiprocessors, twice; it must not depend on the device, or sums
// would round differently from card to card.
constexpr std::int64_t kEnoughTiles = 160;

struct Kernel {
  std::string_view file, name;
  int tile;
};

Kernel choose_kernel(const Build& build, const Step& step) {
  if (build.precision() == Precision::tf32) return {"matmul_tf32", "matmul_tf32", 64};
  std::int64_t wide_tiles = 0;
  for (const Member& member : step.members) wide_tiles += Sizes(member).tiles(64);
  if (wide_tiles >= kEnoughTiles) return {"matmul", "matmul_wide", 64};
  return {"matmul", "matmul_deep", 32};
}

MatmulMember member_of(Build& build, const Step& step, const Member& member, int tile,
                       Blocks& blocks) {
  const Operand &a = member.inputs[0], &b = member.inputs[1];
  const Sizes sizes(member);
  const int r = a.type.shape.rank();
  MatmulMember record{};
  record.first_block = blocks.take(sizes.tiles(tile));
  record.m = static_cast<int>(sizes.m);
  record.n = static_cast<int>(sizes.n);
  record.k = static_cast<int>(sizes.k);
  record.tiles_m = static_cast<int>(ceil_div(sizes.m, tile));
  record.tiles_n = static_cast<int>(ceil_div(sizes.n, tile));
  record.a = build.address(a);
  record.b = build.address(b);
  record.a_row = static_cast<int>(a.strides[r - 2]);
  record.a_column = static_cast<int>(a.strides[r - 1]);
  record.b_row = static_cast<int>(b.strides[r - 2]);
  record.b_column = static_cast<int>(b.strides[r - 1]);
  Shape batch;
  Strides strides[2];
  for (int d = 0; d < r - 2; ++d) {
    batch.push_back(a.type.shape[d]);
    strides[0].push_back(a.strides[d]);
    strides[1].push_back(b.strides[d]);
  }
  collapse(batch, strides);
  record.batch = domain_of(batch);
  for (int d = 0; d < batch.rank(); ++d) {
    record.a_batch[d] = static_cast<int>(strides[0][d]);
    record.b_batch[d] = static_cast<int>(strides[1][d]);
  }
  record.points = epilogue_points(build, step, member);
  return record;
}

void build_matmul(Build& build, const Step& step) {
  const Kernel kernel = choose_kernel(build, step);
  Launch launch{.file = kernel.file, .kernel = kernel.name};
  if (!step.body.empty()) {
    launch.body = &step.body;
    launch.args.body = code_of(build, step.body);
  }
  std::vector<MatmulMember> members;
  Blocks blocks;
  for (const Member& member : step.members)
    if (count(member.outputs[0].type.shape) > 0)
      members.push_back(member_of(build, step, member, kernel.tile, blocks));
  build.add(launch, members, blocks.total());
}

}  // namespace

std::vector<OpKernel> matmul_kernels() {
  return {{.op = "matmul", .build = build_matmul, .epilogue = true}};
}

}  // namespace trine::cuda
