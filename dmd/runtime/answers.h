// What an answer of several numbers says: which class, or which emotions, and how likely.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "dmd/config/config.h"
#include "dmd/data/dataset.h"

namespace dmd {

// The classes, or kEmotions. None where the answer is one number.
std::vector<std::string> choice_names(const Config& config);

struct Choice {
  std::string name;        // of a class, or of an emotion
  double probability = 0;  // of the class among all, or of the emotion's being there
};

// Of a row of logits, in the order of choice_names().
std::vector<Choice> choices_of(const std::vector<float>& logits, const Config& config);

// The number of the class that is predicted, the first of equal ones; 0 or 1 for each emotion.
std::vector<float> decided(const std::vector<float>& logits, const Config& config);

// A label or a decision for people: "happy", or "happy, angry", "none of them". "" where it is NaN.
std::string text_of_label(std::span<const float> label, const Config& config);

}  // namespace dmd
