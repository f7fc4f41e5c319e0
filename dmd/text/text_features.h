// Text features from the tokens of a feature file (its field text_bert).
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "backends/session.h"
#include "dmd/config/config.h"
#include "dmd/data/batches.h"
#include "dmd/data/dataset.h"
#include "engine/io/array.h"
#include "engine/nn/parameters.h"

namespace dmd {

// Parameters of an encoder under their names within a model, and where they come from.
struct EncoderWeights {
  trine::io::NamedArrays arrays;
  std::string source;  // for messages
};

// Those of the folder that the configuration names, which `run` helps to find (encoder_folder.h).
// Throws trine::Error if it names none.
EncoderWeights weights_of_folder(const Config& config, const std::filesystem::path& run = {});

// Throws trine::Error unless the split has tokens and each lies in the tables of the encoder; the
// sample is named.
void check_tokens(const Split& split, const EncoderConfig& config);

// Uploads what capture_tokens() captured.
void feed_tokens(trine::Executable& program, const Batch& batch);

// An encoder on a device that computes features and does not learn.
class FrozenEncoder {
 public:
  // The configuration has a text_model.
  FrozenEncoder(std::shared_ptr<trine::Backend> backend, const Config& config,
                const EncoderWeights& weights);

  // The last hidden states, without dropout. Checks the split's tokens first.
  Sequence features(const Split& split);

 private:
  trine::Executable& program(std::int64_t batch, std::int64_t tokens);

  EncoderConfig config_;
  std::int64_t batch_size_;
  trine::nn::ParameterStore store_;
  trine::Session session_;
  std::map<std::int64_t, trine::Executable> programs_;  // by batch size
};

// Puts into every split's `text` what a model of this configuration trains on. Without an encoder:
// what is there. With one that is trained along: its sizes, and no values, as the model's programs
// read the tokens themselves. With a frozen one: its features, which the device then computes.
// `run` is the folder of a run that goes on (encoder_folder.h).
void prepare_text(Dataset& data, const Config& config, std::shared_ptr<trine::Backend> backend,
                  const std::filesystem::path& run = {});

}  // namespace dmd
