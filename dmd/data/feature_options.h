// What a reader of feature files asks of them.
#pragma once

#include "dmd/config/nonfinite.h"

#include "dmd/config/task.h"

namespace dmd {

struct FeatureOptions {
  // Otherwise labels may be missing, field by field and one by one: NaN stands for them.
  bool need_labels = true;
  // Otherwise splits may be missing, and are empty; and the fields of a single split, or of a
  // single clip, may stand where the splits do: they are taken for test.
  bool need_all_splits = true;
  Nonfinite nonfinite = Nonfinite::refuse;
  Task task = Task::regression;  // whose labels are read
  bool every_label = false;      // and those of the other tasks too, where there are any
};

}  // namespace dmd
