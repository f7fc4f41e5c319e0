#include "dmd/models/model_def.h"

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

}  // namespace dmd
