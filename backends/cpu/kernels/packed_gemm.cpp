// Products so large that B is packed: a block of it at a time goes into scratch, in the order in
// which tiles read it, and serves all rows of A. Where B's rows lie far apart, tiles that read it
// in place lose half of their time to the caches' sets and the address translation.
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

// Terms of a block: a strip of B takes half of the first-level cache. Rows of A that meet a block
// of B strip by strip: they stay in the second-level cache.
constexpr std::int64_t kTerms = 256, kBlockRows = 16 * kTileRows;

static_assert(kTerms <= kPackedTerms && kPackedColumns % kStrip == 0);

inline std::int64_t least(std::int64_t x, std::int64_t y) { return x < y ? x : y; }

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

// The last `left` < R rows of a strip.
template <int R>
void remaining_rows(const Strip& strip, const float* a, std::int64_t at, std::int64_t left) {
  if constexpr (R > 1) {
    if (left == R - 1) return tile<R - 1, kTileVectors, Vector>(strip, a, at);
    remaining_rows<R - 1>(strip, a, at, left);
  }
}

// Rows [begin, end) of a strip of whole vectors.
void rows_of(const Strip& strip, const float* a, std::int64_t begin, std::int64_t end) {
  std::int64_t at = begin;
  for (; at + kTileRows <= end; at += kTileRows)
    tile<kTileRows, kTileVectors, Vector>(strip, a + at * strip.a_row, at);
  remaining_rows<kTileRows>(strip, a + at * strip.a_row, at, end - at);
}

}  // namespace

void packed_gemm(const GemmArgs& g, float* scratch) {
  const bool contiguous_rows = g.b_column == 1;
  for (std::int64_t term = 0; term < g.k; term += kTerms) {
    const std::int64_t terms = least(kTerms, g.k - term);
    for (std::int64_t column = 0; column < g.n; column += kStrip)
      (contiguous_rows ? pack_rows : pack_columns)(scratch + column * kTerms, g, term, terms,
                                                   column);
    for (std::int64_t row = 0; row < g.m; row += kBlockRows)
      for (std::int64_t column = 0; column < g.n; column += kStrip) {
        const Strip strip = {.b = scratch + column * kTerms,
                             .c = g.c + column,
                             .a_row = g.a_row,
                             .a_column = g.a_column,
                             .b_row = kStrip,
                             .c_row = g.c_row,
                             .end = g.end,
                             .column = column,
                             .terms = terms,
                             .tail = kWidth,
                             .first = term == 0,
                             .last = term + kTerms >= g.k};
        rows_of(strip, g.a + term * g.a_column, row, least(row + kBlockRows, g.m));
      }
  }
}

#endif

}  // namespace trine::cpu::TRINE_CPU_NAMESPACE
