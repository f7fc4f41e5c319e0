#include "dmd/data/batches.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "dmd/data/random.h"
#include "engine/error.h"

namespace dmd {
namespace {

// Copies rows of `width` elements from one dense array into another.
template <class T>
void gather_rows(const std::vector<T>& from, std::int64_t width, std::span<const std::int64_t> rows,
                 std::vector<T>& into) {
  into.resize(rows.size() * static_cast<std::size_t>(width));
  auto out = into.begin();
  for (std::int64_t row : rows) out = std::copy_n(from.begin() + row * width, width, out);
}

void gather_sequence(const Sequence& from, std::span<const std::int64_t> rows,
                     std::vector<float>& into) {
  into.clear();
  if (from.values.empty()) return;
  gather_rows(from.values, from.steps * from.width, rows, into);
}

}  // namespace

std::vector<std::int64_t> file_order(std::int64_t n) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  return order;
}

std::vector<std::int64_t> shuffled_order(std::int64_t n, std::uint64_t seed, std::int64_t epoch) {
  std::vector<std::int64_t> order = file_order(n);
  Random random(seed, static_cast<std::uint64_t>(epoch));
  // Fisher and Yates: each place takes one of those not yet placed.
  for (std::size_t left = order.size(); left > 1; --left)
    std::swap(order[left - 1], order[random.below(left)]);
  return order;
}

std::vector<std::span<const std::int64_t>> batches_of(std::span<const std::int64_t> order,
                                                      std::int64_t batch_size) {
  if (batch_size < 1) trine::fail("batch_size must be at least 1, not {}", batch_size);
  const auto size = static_cast<std::size_t>(batch_size);
  std::vector<std::span<const std::int64_t>> batches;
  for (std::size_t at = 0; at < order.size(); at += size)
    batches.push_back(order.subspan(at, std::min(size, order.size() - at)));
  return batches;
}

void gather(const Split& split, std::span<const std::int64_t> rows, Batch& batch) {
  for (std::int64_t row : rows) {
    if (row < 0 || row >= split.size())
      trine::fail("a batch asks for utterance {} of a split of {}", row, split.size());
  }
  batch.size = static_cast<std::int64_t>(rows.size());
  gather_sequence(split.text, rows, batch.text);
  gather_sequence(split.audio, rows, batch.audio);
  gather_sequence(split.vision, rows, batch.vision);
  gather_rows(split.labels, split.label_width, rows, batch.labels);
  gather_rows(split.bert.ids, split.bert.tokens, rows, batch.ids);
  gather_rows(split.bert.mask, split.bert.tokens, rows, batch.mask);
  gather_rows(split.bert.segments, split.bert.tokens, rows, batch.segments);
}

}  // namespace dmd
