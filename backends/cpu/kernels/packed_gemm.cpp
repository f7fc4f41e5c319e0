// Products so large that operands are packed into the order in which tiles read them. B is, block
// by block, in scratch: a block serves all rows of A. A is where its columns are contiguous, once
// for all. In place, rows of B and columns of A that lie far apart cost tiles half of their time:
// for the sets of caches that they share, and for address translation.
#include "backends/cpu/kernels/lanes.h"

#if defined(__AVX2__)
#include "backends/cpu/kernels/tile.h"
#endif

namespace trine::cpu::TRINE_CPU_NAMESPACE {

#if defined(__AVX2__)

namespace {

// Rows and vectors of a tile: most registers hold sums, 24 of 32 or 12 of 16.
#if defined(__AVX512F__)
constexpr int kTileRows = 12, kTileVectors = 2;
#else
constexpr int kTileRows = 6, kTileVectors = 2;
#endif
constexpr std::int64_t kStrip = kTileVectors * kWidth;

// Rows of A that meet a block of B strip by strip: they stay in the second-level cache.
constexpr std::int64_t kBlockRows = 8 * kTileRows;

static_assert(kPackedColumns % kStrip == 0 && kPackedRows % kTileRows == 0);

// to (terms, kStrip) = the strip of B from `column` on.
void pack_rows(float* to, const GemmArgs& g, std::int64_t term, std::int64_t terms,
               std::int64_t column) {
  const float* from = g.b + term * g.b_row + column;
  for (std::int64_t p = 0; p < terms; ++p, to += kStrip, from += g.b_row)
    __builtin_memcpy(to, from, kStrip * sizeof(float));
}

// The same where B's columns are contiguous: sixteen by sixteen elements are turned in registers.
void pack_columns(float* to, const GemmArgs& g, std::int64_t term, std::int64_t terms,
                  std::int64_t column) {
  const float* from = g.b + term + column * g.b_column;
  for (std::int64_t j = 0; j < kStrip; j += kLanes)
    transpose_matrix(to + j, from + j * g.b_column, kLanes, terms, g.b_column, kStrip);
}

// Strips of columns [column, column_end), one after the other.
void pack_block(float* to, const GemmArgs& g, std::int64_t term, std::int64_t terms,
                std::int64_t column, std::int64_t column_end) {
  const auto pack = g.b_column == 1 ? pack_rows : pack_columns;
  for (; column < column_end; column += kStrip, to += kStrip * terms)
    pack(to, g, term, terms, column);
}

// Sums of k terms go in as few passes as fit, equally long.
inline std::int64_t terms_of_pass(std::int64_t k) {
  const std::int64_t passes = (k + kPackedTerms - 1) / kPackedTerms;
  return (k + passes - 1) / passes;
}

// The last `left` < R rows of a strip.
template <int R>
void remaining_rows(const Strip& strip, const float* a, std::int64_t at, std::int64_t left) {
  if constexpr (R > 1) {
    if (left == R - 1) return tile<R - 1, kTileVectors, Vector>(strip, a, at);
    remaining_rows<R - 1>(strip, a, at, left);
  }
}

// Rows [begin, end) of a strip of whole vectors. Row i of A begins at a + i * a_step where i begins
// a tile.
void rows_of(const Strip& strip, const float* a, std::int64_t a_step, std::int64_t begin,
             std::int64_t end) {
  std::int64_t at = begin;
  for (; at + kTileRows <= end; at += kTileRows)
    tile<kTileRows, kTileVectors, Vector>(strip, a + at * a_step, at);
  remaining_rows<kTileRows>(strip, a + at * a_step, at, end - at);
}

}  // namespace

// Passes follow each other, panels of kTileRows rows within a pass, and terms within a panel.
void pack_left(float* to, const GemmArgs& g, std::int64_t row, std::int64_t row_end) {
  const std::int64_t length = terms_of_pass(g.k);
  for (std::int64_t term = 0; term < g.k; term += length) {
    const std::int64_t terms = least(length, g.k - term);
    float* pass = to + term * packed_rows(g.m);
    for (std::int64_t p = 0; p < terms; ++p) {
      const float* from = g.a + (term + p) * g.a_column;
      for (std::int64_t i = row; i < row_end; i += kTileRows) {
        float* panel = pass + i * terms + p * kTileRows;
        if (i + kTileRows <= g.m)
          __builtin_memcpy(panel, from + i, kTileRows * sizeof(float));
        else
          for (std::int64_t r = 0; r < kTileRows; ++r) panel[r] = i + r < g.m ? from[i + r] : 0.0f;
      }
    }
  }
}

// Passes follow each other, strips of kStrip columns within a pass, and terms within a strip.
void pack_right(float* to, const GemmArgs& g, std::int64_t column, std::int64_t column_end) {
  const std::int64_t length = terms_of_pass(g.k);
  for (std::int64_t term = 0; term < g.k; term += length) {
    const std::int64_t terms = least(length, g.k - term);
    pack_block(to + term * g.n + column * terms, g, term, terms, column, column_end);
  }
}

void packed_gemm(const GemmArgs& g, const PackedLeft& left, const PackedRight& right,
                 float* scratch) {
  const std::int64_t length = terms_of_pass(g.k);
  for (std::int64_t term = 0; term < g.k; term += length) {
    const std::int64_t terms = least(length, g.k - term);
    if (!right.strips) pack_block(scratch, g, term, terms, 0, g.n);
    const float* b =
        right.strips ? right.strips + term * right.columns + right.column * terms : scratch;
    const float* a =
        left.panels ? left.panels + term * left.rows + left.row * terms : g.a + term * g.a_column;
    for (std::int64_t row = 0; row < g.m; row += kBlockRows)
      for (std::int64_t column = 0; column < g.n; column += kStrip) {
        const Strip strip = {.b = b + column * terms,
                             .c = g.c + column,
                             .a_row = left.panels ? 1 : g.a_row,
                             .a_column = left.panels ? kTileRows : g.a_column,
                             .b_row = kStrip,
                             .c_row = g.c_row,
                             .end = g.end,
                             .column = column,
                             .terms = terms,
                             .tail = kWidth,
                             .first = term == 0,
                             .last = term + terms == g.k};
        rows_of(strip, a, left.panels ? terms : g.a_row, row, least(row + kBlockRows, g.m));
      }
  }
}

#endif

}  // namespace trine::cpu::TRINE_CPU_NAMESPACE
