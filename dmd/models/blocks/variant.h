// How a model computes where the authors' program and their paper part.
#pragma once

#include "dmd/config/config.h"

namespace dmd {

enum class Variant { reference, paper };

// The key `variant`, a row for ModelDef::keys, and its value.
inline Key variant_key() {
  return {.name = "variant",
          .standard = std::string("reference"),
          .range = {},
          .choices = {"reference", "paper"},
          .meaning = "where the authors' program and the paper part, follow reference or paper"};
}

inline Variant variant_of(const Config& config) {
  return config.settings.text("variant") == "paper" ? Variant::paper : Variant::reference;
}

}  // namespace dmd
