// What models are trained on, task by task (dmd/config/task.h): any of them learns every task whose
// heads are Config::answer_width() wide and whose loss comes from here.
#pragma once

#include <string>
#include <vector>

#include "dmd/config/config.h"
#include "dmd/models/blocks/margin_loss.h"
#include "dmd/models/model_def.h"
#include "engine/tensor.h"

namespace dmd {

// For ModelDef::tasks of such models.
std::vector<std::string_view> every_task();

// A scalar from an answer (B, answer width) and labels (B, label width):
//   regression      the mean absolute error
//   classification  the cross-entropy of the softmax over the classes, a mean over samples
//   emotion         that of the softmax over each pair of logits, of no and of yes, a mean over
//                   samples and emotions (the loss of MulT's program for IEMOCAP)
// Logarithms are natural ones.
trine::Tensor task_loss(Task task, trine::Tensor answer, trine::Tensor labels);

// The sum over several heads, each trained on the labels, in one reduction.
trine::Tensor task_loss(Task task, const trine::Tensors& answers, trine::Tensor labels);

// Labels as the margin loss compares them: one number a sample (B, 1), on its scale. Classes are
// equal or not, and emotions are so where all four are.
struct ComparableLabels {
  trine::Tensor values;
  LabelScale scale;
};

ComparableLabels comparable_labels(Task task, trine::Tensor labels);

// The output "output", which is the prediction; `value` (B, answer width).
Output prediction_output(const Config& config, trine::Tensor value);

// What the numbers of an answer are called: the classes, or "neutral_no", "neutral_yes" and so on.
// Empty where there is one number.
std::vector<std::string> answer_columns(const Config& config);

}  // namespace dmd
