// The inner loops of the CPU backend. The sources beside this header are compiled once for each
// instruction set level; each compilation fills one table, and the backend takes the best that the
// processor supports when it starts.
//
// Sources of this folder call nothing of the standard library that is an inline template: the
// linker keeps one copy of such code, which might be the copy compiled for another level.
#pragma once

#include <cstdint>

namespace trine::cpu {

// Elements that an elementwise tile holds at most.
inline constexpr std::int64_t kTile = 512;

// Padded lengths are multiples of this many floats.
inline constexpr std::int64_t kLanes = 16;

// Attention heads from this width on are computed by matrix products, for so many queries at a
// time.
inline constexpr std::int64_t kWideHead = 16, kQueryBlock = 64;

// out[i] = f(x[i], y[i], z[i]); unused operands may be null. out may equal an operand.
using RowKernel = void (*)(float* out, const float* x, const float* y, const float* z,
                           std::int64_t n);

// A matrix whose rows are contiguous and lie `row` apart; 0 repeats one. No matrix where base is
// null.
struct GemmMatrix {
  const float* base = nullptr;
  std::int64_t row = 0;
};

// What becomes of an element of a product before it is stored, in this order. The first addend
// may be C.
struct GemmEnd {
  GemmMatrix addends[2];
  bool bounded = false;
  float lower = 0, upper = 0;
  GemmMatrix gate;  // the element times whether this one is positive
};

// C (m, n) = end(A (m, k) B (k, n)). Strides count elements; one of A's two is 1, and the rows of C
// are contiguous. B, C and the matrices of the end may be read kLanes - 1 elements beyond the end
// of their last rows.
struct GemmArgs {
  const float *a, *b;
  float* c;
  std::int64_t m, n, k;
  std::int64_t a_row, a_column, b_row, b_column, c_row;
  GemmEnd end;
};

// Products with packed operands take columns by multiples of kPackedColumns, and hold so many rows
// of B at a time.
inline constexpr std::int64_t kPackedColumns = 32, kPackedTerms = 1024;

// What a packed A takes from and to is a multiple of this many rows, and it is padded to one.
inline constexpr std::int64_t kPackedRows = 48;
inline std::int64_t packed_rows(std::int64_t rows) {
  return (rows + kPackedRows - 1) / kPackedRows * kPackedRows;
}

// Panels of a whole A that pack_left() made, and the row of it that a product begins with. Without
// panels A is read where it lies.
struct PackedLeft {
  const float* panels = nullptr;
  std::int64_t rows = 0;  // packed_rows() of the whole
  std::int64_t row = 0;
};

// Strips of a whole B that pack_right() made, and the column of it that a product begins with.
// Without strips B is packed as the product goes.
struct PackedRight {
  const float* strips = nullptr;
  std::int64_t columns = 0;  // of the whole
  std::int64_t column = 0;
};

// Where dropout draws come from.
struct Draws {
  std::uint64_t seed;
  std::uint32_t step, id;
  float rate;  // 0: none
};

// One head of one sample. Rows of q, k, v, out and their gradients are `width` contiguous floats;
// the strides step from row to row.
struct AttentionArgs {
  const float *q, *k, *v;
  const float* mask;  // (keys) or null
  std::int64_t queries, keys, width;
  std::int64_t q_row, k_row, v_row, out_row;
  std::int64_t visible;  // keys that row 0 sees; row i sees `visible + i` of them at most
  float scale;
  Draws draws;
  std::uint64_t
      first_draw;  // element number of (row 0, key 0) in the mask of the whole op; a multiple of 4
  float* scratch;  // attention_scratch() floats
};

struct AttentionGradArgs {
  const float *out, *statistics, *g;  // statistics: (queries), log of the sum of exponentials
  float *dq, *dk, *dv;                // rows step by dq_row, dk_row, dk_row
  std::int64_t dq_row, dk_row;
};

struct Kernels {
  const char* level;
  const RowKernel* rows;  // by ElementwiseFn::index
  // Uniform draws for elements first .. first + n - 1.
  void (*uniform)(float* out, std::uint64_t seed, std::uint32_t id, std::uint32_t step,
                  std::uint64_t first, std::int64_t n);
  void (*gemm)(const GemmArgs&);  // the rows of B are contiguous
  // For large products: either the rows or the columns of B are contiguous, and those of A are, or
  // it is packed. `scratch` holds kPackedTerms * n floats.
  void (*packed_gemm)(const GemmArgs&, const PackedLeft&, const PackedRight&, float* scratch);
  // Packs rows [row, row_end) of an A with contiguous columns into `to`, which holds
  // packed_rows(m) * k floats. Null where packed_gemm reads any A as fast in place.
  void (*pack_left)(float* to, const GemmArgs&, std::int64_t row, std::int64_t row_end);
  // Packs columns [column, column_end), multiples of kPackedColumns, of B into `to`, which holds k
  // * n floats. Null like pack_left.
  void (*pack_right)(float* to, const GemmArgs&, std::int64_t column, std::int64_t column_end);
  // to (columns, rows) = from (rows, columns) turned; rows lie `to_row` and `from_row` apart.
  void (*transpose)(float* to, const float* from, std::int64_t rows, std::int64_t columns,
                    std::int64_t from_row, std::int64_t to_row);
  float (*sum)(const float* x, std::int64_t n);
  float (*max)(const float* x, std::int64_t n);
  void (*add_into)(float* total, const float* x, std::int64_t n);
  void (*max_into)(float* total, const float* x, std::int64_t n);
  // Softmax of the first `visible` of n columns, 0 for the others.
  void (*softmax)(float* out, const float* x, std::int64_t visible, std::int64_t n);
  void (*log_softmax)(float* out, const float* x, std::int64_t n);
  void (*sparsemax)(float* out, const float* x, std::int64_t n);
  void (*layer_norm)(float* out, float* mean, float* rstd, const float* x, const float* gamma,
                     const float* beta, std::int64_t n, float epsilon);
  void (*layer_norm_grad)(float* dx, const float* x, const float* gamma, float mean, float rstd,
                          const float* g, std::int64_t n);
  // statistics: (queries).
  void (*attention)(const AttentionArgs&, float* out, float* statistics);
  void (*attention_grad)(const AttentionArgs&, const AttentionGradArgs&);
};

// Floats of scratch that attention and its gradient need.
std::int64_t attention_scratch(std::int64_t queries, std::int64_t keys, std::int64_t width);

// The table for the best level that this processor runs; TRINE_CPU_LEVEL=baseline|avx2|avx512
// takes a lower one.
const Kernels& best_kernels();

}  // namespace trine::cpu
