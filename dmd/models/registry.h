// The models there are: one for each folder here that has a model.cpp, and those that a program
// around this library adds.
#pragma once

#include <string_view>
#include <vector>

#include "dmd/models/model_def.h"

namespace dmd {

// What files without the key `model` are: they were written before there were others.
inline constexpr std::string_view kDefaultModel = "dmd";

// In the order of their names, added ones last.
const std::vector<const ModelDef*>& all_models();

// Throws trine::Error, which begins with `where`, with the nearest name.
const ModelDef& find_model(std::string_view name, std::string_view where = "--model");

// Adds a model, which must live as long as the program, before anything else is called. Throws
// trine::Error if its name is taken or it lacks what every model has.
void register_model(const ModelDef& model);

}  // namespace dmd
