#include "engine/ops/matmul.h"

#include "engine/error.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/views.h"

namespace trine {
namespace {

std::vector<Type> infer_matmul(const Attrs&, std::span<const Type> in) {
  const Shape &a = in[0].shape, &b = in[1].shape;
  const int rank = a.rank();
  if (in[0].dtype != DType::f32 || in[1].dtype != DType::f32)
    fail("matmul: operands are f32; these are {} x {}", to_string(in[0]), to_string(in[1]));
  if (rank < 2 || b.rank() != rank)
    fail("matmul: needs two matrices or two batches of them: {} x {}", to_string(a), to_string(b));
  if (a[rank - 1] != b[rank - 2])
    fail("matmul: inner sizes differ: {} x {}", to_string(a), to_string(b));
  Shape out = a;
  out[rank - 1] = b[rank - 1];
  for (int i = 0; i < rank - 2; ++i)
    if (a[i] != b[i]) fail("matmul: batches differ: {} x {}", to_string(a), to_string(b));
  return {{DType::f32, out}};
}

void matmul_reference(const Attrs&, const RunParams&, std::span<const HostTensor> in,
                      std::span<HostTensor> out) {
  const Shape& a = in[0].type.shape;
  const int rank = a.rank();
  const std::int64_t m = a[rank - 2], k = a[rank - 1], n = in[1].type.shape[rank - 1];
  const std::int64_t batches = m * k > 0 ? in[0].size() / (m * k) : 0;
  for (std::int64_t batch = 0; batch < batches; ++batch)
    for (std::int64_t i = 0; i < m; ++i)
      for (std::int64_t j = 0; j < n; ++j) {
        double total = 0;
        for (std::int64_t p = 0; p < k; ++p)
          total += in[0][(batch * m + i) * k + p] * in[1][(batch * k + p) * n + j];
        out[0][(batch * m + i) * n + j] = total;
      }
}

// Rows or columns must be contiguous; batches may lie anywhere, even on each other.
bool accepts_matrix(const Attrs&, int, const Shape& shape, const Strides& strides) {
  const int r = shape.rank();
  const bool rows = strides[r - 1] == 1 || shape[r - 1] == 1;
  const bool columns = strides[r - 2] == 1 || shape[r - 2] == 1;
  return (rows && (strides[r - 2] > 0 || shape[r - 2] == 1)) ||
         (columns && (strides[r - 1] > 0 || shape[r - 1] == 1));
}

std::vector<Sample> matmul_samples() {
  auto sample = [](std::string label, Shape a, Shape b, std::int64_t k,
                   Tensor (*build)(Tensor, Tensor)) {
    return Sample{std::move(label),
                  {{{DType::f32, a}}, {{DType::f32, b}}},
                  [build](Graph&, const Tensors& t) { return Tensors{build(t[0], t[1])}; },
                  k};
  };
  auto plain = [](Tensor a, Tensor b) { return matmul(a, b); };
  return {
      sample("plain", {5, 7}, {7, 3}, 7, plain),
      sample("one by one", {1, 1}, {1, 1}, 1, plain),
      sample("column", {33, 17}, {17, 1}, 17, plain),
      sample("row", {1, 50}, {50, 64}, 50, plain),
      sample("tiles", {70, 50}, {50, 130}, 50, plain),
      sample("deep", {3, 700}, {700, 5}, 700, plain),
      sample("batch", {2, 3, 5, 7}, {2, 3, 7, 4}, 7, plain),
      sample("left transposed", {7, 5}, {7, 3}, 7,
             [](Tensor a, Tensor b) { return matmul(transpose(a), b); }),
      sample("right transposed", {4, 5, 7}, {4, 3, 7}, 7,
             [](Tensor a, Tensor b) { return matmul(a, transpose(b)); }),
      sample("both transposed", {7, 35}, {33, 7}, 7,
             [](Tensor a, Tensor b) { return matmul(transpose(a), transpose(b)); }),
      sample("broadcast batch", {3, 5, 7}, {7, 4}, 7, plain),
      sample("heads", {2, 6, 3, 5}, {2, 6, 3, 5}, 5,
             [](Tensor a, Tensor b) {
               return matmul(permute(a, {0, 2, 1, 3}), permute(b, {0, 2, 3, 1}));
             }),
      sample("strided rows", {6, 20}, {7, 3}, 7,
             [](Tensor a, Tensor b) { return matmul(slice(a, 1, 4, 11), b); }),
      sample("windows", {2, 9, 4}, {12, 5}, 12,
             [](Tensor a, Tensor b) { return matmul(windows(a, 3), b); }),
      // One sequence: its windows merge into rows that overlap in memory.
      sample("overlapping rows", {1, 9, 4}, {12, 5}, 12,
             [](Tensor a, Tensor b) { return matmul(windows(a, 3), b); }),
      {"result beside its epilogue",
       {{{DType::f32, {9, 17}}}, {{DType::f32, {17, 21}}}},
       [](Graph&, const Tensors& t) {
         const Tensor product = matmul(t[0], t[1]);
         return Tensors{relu(product), product};
       },
       17},
      // Longer than what kernels sum up in one pass, and an odd number of columns.
      {"added, bounded and gated behind a long sum",
       {{{DType::f32, {7, 1100}}},
        {{DType::f32, {1100, 37}}},
        {{DType::f32, {37}}},
        {{DType::f32, {7, 37}}}},
       [](Graph&, const Tensors& t) {
         const Tensor sum = matmul(t[0], t[1]) + t[2] + t[3];
         return Tensors{clamp(sum, -20.0f, 20.0f) * greater(t[3], 0.0f)};
       },
       1100},
  };
}

const OpDef kMatmul = [] {
  OpDef op;
  op.name = "matmul";
  op.infer = infer_matmul;
  op.vjp = [](const Vjp& v) {
    return Tensors{matmul(v.cotangents[0], transpose(v.inputs[1])),
                   matmul(transpose(v.inputs[0]), v.cotangents[0])};
  };
  op.reference = matmul_reference;
  op.samples = matmul_samples;
  op.accepts = accepts_matrix;
  return op;
}();

}  // namespace

Tensor matmul(Tensor a, Tensor b) {
  if (a.rank() < 2 || b.rank() < 2)
    fail("matmul: needs matrices of at least two dimensions: {} x {}", to_string(a.shape()),
         to_string(b.shape()));
  if (a.rank() > 2 && b.rank() == 2 && a.dim(-1) == b.dim(0)) {
    Shape out = a.shape();
    out[a.rank() - 1] = b.dim(1);
    return reshape(matmul(reshape(a, {-1, a.dim(-1)}), b), out);
  }
  Shape batch_a, batch_b;
  for (int i = 0; i < a.rank() - 2; ++i) batch_a.push_back(a.shape()[i]);
  for (int i = 0; i < b.rank() - 2; ++i) batch_b.push_back(b.shape()[i]);
  const Shape batch = broadcast_shape(batch_a, batch_b, "matmul");
  auto widen = [&](Tensor x) {
    Shape shape = batch;
    shape.push_back(x.dim(-2));
    shape.push_back(x.dim(-1));
    return broadcast_to(x, shape);
  };
  return a.graph().add_one(kMatmul, {}, {widen(a), widen(b)});
}

std::vector<const OpDef*> matmul_ops() { return {&kMatmul}; }

}  // namespace trine
