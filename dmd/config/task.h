// What a model is asked, and by which metrics its answers are scored.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace dmd {

enum class Task : std::uint8_t {
  regression,      // a number: sentiment
  classification,  // one of K classes, whose names are Config::classes
  emotion,         // of each of kEmotions, whether it is there: IEMOCAP, as MulT has it
};

inline constexpr std::array kTasks{Task::regression, Task::classification, Task::emotion};

// In the order of labels and logits, which is that of IEMOCAP's files and of MulT's program.
inline constexpr std::array<std::string_view, 4> kEmotions{"neutral", "happy", "sad", "angry"};

constexpr std::string_view name_of(Task task) {
  constexpr std::array<std::string_view, 3> names{"regression", "classification", "emotion"};
  return names[static_cast<std::size_t>(task)];
}

// How many numbers the label of an utterance has: sentiment, the number of its class, or 0 or 1 for
// each emotion.
constexpr std::int64_t label_width(Task task) {
  return task == Task::emotion ? static_cast<std::int64_t>(kEmotions.size()) : 1;
}

// What scores numbers. The other tasks have metrics of their own.
enum class MetricSet : std::uint8_t {
  mosi,  // CMU-MOSI's and CMU-MOSEI's, for labels from -3 to 3
  sims,  // CH-SIMS's, for labels from -1 to 1
  mult,  // mosi's, and the F1 of MulT's tables
};

constexpr std::string_view name_of(MetricSet metrics) {
  constexpr std::array<std::string_view, 3> names{"mosi", "sims", "mult"};
  return names[static_cast<std::size_t>(metrics)];
}

}  // namespace dmd
