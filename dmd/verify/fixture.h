// A folder of golden numbers: what the authors' program of a model gave for one small
// configuration.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dmd/checkpoint/checkpoint.h"
#include "dmd/config/config.h"
#include "dmd/config/per_modality.h"
#include "engine/io/array.h"

namespace dmd {

struct FixtureBatch {
  std::int64_t size = 0;
  PerModality<std::vector<float>> features;
  std::vector<float> labels;
};

struct Fixture {
  Config config;  // without dropout; learning rate and clip value are the fixture's
  std::int64_t batch_size = 0, steps = 0;
  std::int64_t pieces = 1;  // that chunk.* cuts the first batch into
  std::vector<FixtureBatch> batches;
  Checkpoint parameters;
  trine::io::NamedArrays replacements;  // of parameters, for GoldenAlternative
  trine::io::NamedArrays expected;      // of the file that the model's Golden names

  // Throws trine::Error if nothing of this name is expected.
  const trine::io::Array& expect(std::string_view name) const;
};

// Reads config.json, with "key=value" settings on top, model.pth and what the model keeps beside
// it, partial.pth if it is there, inputs.safetensors and the expected values. Throws trine::Error,
// naming the file, when one is missing or does not fit.
Fixture read_fixture(const std::filesystem::path& folder,
                     std::span<const std::string> settings = {});

}  // namespace dmd
