// Encoders that transformers made (tests/text_encoder/data/make.py), and what they gave.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "dmd/config/encoder_config.h"
#include "dmd/text/encoder.h"
#include "dmd/text/pretrained.h"
#include "engine/error.h"
#include "engine/io/safetensors.h"

namespace dmd {

inline std::filesystem::path encoder_folder(const std::string& kind) {
  return std::filesystem::path(TRINE_SOURCE_DIR) / "tests/text_encoder/data" / kind;
}

struct EncoderFixture {
  std::filesystem::path folder;
  EncoderConfig config;
  trine::io::NamedArrays expected;
  std::int64_t batch, tokens;

  explicit EncoderFixture(const std::filesystem::path& path)
      : folder(path),
        config(read_encoder_config(path)),
        expected(trine::io::read_safetensors(path / "expected.safetensors").arrays),
        batch(array("ids").shape()[0]),
        tokens(array("ids").shape()[1]) {}

  const trine::io::Array& array(const std::string& name) const {
    const trine::io::Array* found = find(expected, name);
    if (!found) trine::fail("{} has no '{}'", folder.string(), name);
    return *found;
  }

  // A store that declares the encoder as models do.
  trine::Tensor capture(trine::nn::Capture& into) const {
    const TokenTensors inputs = capture_tokens(into.graph(), batch, tokens);
    const trine::Scope scope(into.graph(), kTextModelScope);
    return encode(into, config, inputs);
  }
};

}  // namespace dmd
