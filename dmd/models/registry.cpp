#include "dmd/models/registry.h"

#include <algorithm>

#include "dmd/config/spelling.h"
#include "engine/error.h"

namespace dmd {

namespace {

std::vector<const ModelDef*>& models() {
  static std::vector<const ModelDef*> all = built_in_models();
  return all;
}

}  // namespace

const std::vector<const ModelDef*>& all_models() { return models(); }

const ModelDef& find_model(std::string_view name, std::string_view where) {
  std::vector<std::string_view> names;
  for (const ModelDef* model : models()) {
    if (model->name == name) return *model;
    names.push_back(model->name);
  }
  trine::fail("{}: there is no model '{}'{}", where, name, suggestion(name, names));
}

void register_model(const ModelDef& model) {
  if (model.name.empty() || !model.capture || model.tasks.empty())
    trine::fail("register_model: a model needs a name, a task and a capture function");
  if (std::ranges::any_of(models(), [&](const ModelDef* m) { return m->name == model.name; }))
    trine::fail("register_model: there is a model '{}' already: choose another name", model.name);
  models().push_back(&model);
}

}  // namespace dmd
