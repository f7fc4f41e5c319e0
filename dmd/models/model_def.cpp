#include "dmd/models/model_def.h"

#include <utility>

namespace dmd {

std::string_view name_of(OutputKind kind) {
  switch (kind) {
    case OutputKind::prediction:
      return "prediction";
    case OutputKind::head:
      return "head";
    case OutputKind::edges:
      return "edges";
    case OutputKind::representation:
      break;
  }
  return "representation";
}

Output named_output(std::string name, OutputKind kind, std::string meaning, trine::Tensor value) {
  return {{.name = std::move(name),
           .kind = kind,
           .meaning = std::move(meaning),
           .columns = {},
           .needs = {}},
          value};
}

}  // namespace dmd
