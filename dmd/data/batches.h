// Which utterances make a batch, and their numbers gathered side by side for upload.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "dmd/data/dataset.h"

namespace dmd {

// Rows 0 to n - 1 as they stand: the order of validation and test.
std::vector<std::int64_t> file_order(std::int64_t n);

// Rows 0 to n - 1 shuffled for one epoch of training. It depends on the seed and the epoch alone,
// not on epochs before, so a resumed run sees the order that it would have seen.
std::vector<std::int64_t> shuffled_order(std::int64_t n, std::uint64_t seed, std::int64_t epoch);

// The order cut into pieces of `batch_size`; the last one may be shorter. The pieces look into
// `order`, which must outlive them. Throws trine::Error unless batch_size is at least 1.
std::vector<std::span<const std::int64_t>> batches_of(std::span<const std::int64_t> order,
                                                      std::int64_t batch_size);

// One batch of B utterances; text, audio and vision are (B, T, D) and labels (B, label width),
// row-major. A
// sequence is empty where the split's has sizes and no values.
struct Batch {
  std::int64_t size = 0;
  std::vector<float> text, audio, vision, labels;
  std::vector<std::int32_t> ids, mask, segments;  // (B, tokens); empty where the split has none
};

// Copies the rows into `batch`, whose memory is used again. Throws trine::Error for a row that the
// split does not have.
void gather(const Split& split, std::span<const std::int64_t> rows, Batch& batch);

}  // namespace dmd
