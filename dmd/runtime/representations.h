// The features inside a model: what it makes of a split before it answers.
#pragma once

#include "dmd/data/dataset.h"
#include "dmd/runtime/device_model.h"
#include "engine/io/array.h"

namespace dmd {

// An array (n, ...) for each representation that the model names, and "prediction" (n), or (n,
// answer width) of logits; utterances in the order of the file. Throws trine::Error if the model
// names none, or the split's sizes are not the model's.
trine::io::NamedArrays represent(DeviceModel& model, const Split& split);

}  // namespace dmd
