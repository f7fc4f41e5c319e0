// The keys of MulT and what they hold.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "dmd/config/config.h"
#include "dmd/models/blocks/branch_keys.h"

namespace dmd {

// What is predicted.
enum class MultTask {
  sentiment,  // a number, -3 to 3
  emotion,    // whether each of kEmotions is there: two logits each, of no and of yes
};

// In the order of labels and outputs, which is that of IEMOCAP's data and of the authors' program.
inline constexpr std::array<std::string_view, 4> kEmotions{"neutral", "happy", "sad", "angry"};

struct MultOptions {
  MultTask task = MultTask::sentiment;
  BranchOptions branches;
  std::optional<Modality> only;  // the one target of a partial mode

  // Whether a modality asks the others, and the prediction reads what it remembers.
  bool asks(Modality m) const { return !only || only == m; }
  std::int64_t outputs() const;
};

// Under the names of the authors' program; the defaults are its own.
std::vector<Key> mult_keys();

MultOptions mult_options(const Config& config);

// A number of sentiment, or a class, 0 or 1, for each emotion.
std::int64_t mult_label_width(const Config& config);

// Keys of that program which others of ours stand for, and what they say in ours.
std::vector<Key> mult_foreign_keys();
void adopt_mult_keys(const Settings& theirs, Settings& ours);

}  // namespace dmd
