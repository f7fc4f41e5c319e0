// How matrix products cut their work: a block makes one Tile x Tile piece of one product and reads
// its operands through shared memory, `kDepth` inner elements at a time.
#pragma once

#include "cuda/expression.cuh"

namespace trine::cuda {

constexpr int kDepth = 16;

// Inner elements first, and a column more than needed, which spreads rows over the memory banks.
template <int Tile>
using SharedTile = float[kDepth][Tile + 1];

// The piece of a product that a block makes, and its operands.
template <int Tile>
class Piece {
 public:
  TRINE_DEVICE Piece(const MatmulMember& member, int block)
      : m_(member),
        row_(block / member.tiles_n % member.tiles_m * Tile),
        column_(block % member.tiles_n * Tile),
        batch_(block / member.tiles_n / member.tiles_m) {
    const Coordinates c = coordinates_of(member.batch, batch_);
    a_ = member.a + offset_of(member.batch, member.a_batch, c);
    b_ = member.b + offset_of(member.batch, member.b_batch, c);
  }

  TRINE_DEVICE int inner() const { return m_.k; }

  // Loads what `threads` threads share, of which this is number `thread`, with zeros beyond the
  // edges. Neighbouring threads read along whichever dimension is contiguous.
  TRINE_DEVICE void load_a(SharedTile<Tile>& tile, int first, int thread, int threads) const {
    const bool along_inner = m_.a_column == 1;
    for (int e = thread; e < Tile * kDepth; e += threads) {
      const int i = along_inner ? e / kDepth : e % Tile;
      const int p = along_inner ? e % kDepth : e / Tile;
      const bool inside = row_ + i < m_.m && first + p < m_.k;
      tile[p][i] = inside ? a_[(row_ + i) * m_.a_row + (first + p) * m_.a_column] : 0.0f;
    }
  }

  TRINE_DEVICE void load_b(SharedTile<Tile>& tile, int first, int thread, int threads) const {
    const bool along_inner = m_.b_column != 1;
    for (int e = thread; e < Tile * kDepth; e += threads) {
      const int j = along_inner ? e / kDepth : e % Tile;
      const int p = along_inner ? e % kDepth : e / Tile;
      const bool inside = column_ + j < m_.n && first + p < m_.k;
      tile[p][j] = inside ? b_[(first + p) * m_.b_row + (column_ + j) * m_.b_column] : 0.0f;
    }
  }

  // Calls visit(linear index in the result) if the piece's element (i, j) lies inside.
  template <class Visit>
  TRINE_DEVICE void if_inside(int i, int j, Visit visit) const {
    if (row_ + i < m_.m && column_ + j < m_.n)
      visit((batch_ * m_.m + row_ + i) * m_.n + column_ + j);
  }

 private:
  const MatmulMember& m_;
  int row_, column_, batch_;
  const float *a_, *b_;
};

}  // namespace trine::cuda
