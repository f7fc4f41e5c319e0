// The programs of a model: one batch's gradients, one optimizer step, and predictions. Each is
// captured once for a batch size and replayed.
//
// States: the arenas nn::kParameters, nn::kGradients, optim::kAdamMean and optim::kAdamSquare, of
// ParameterStore::arena_size() elements. Inputs, for accumulate and eval: "text", "audio", "vision"
// (B, T, D) and "labels" (B, label width of the task); with an encoder that is
// trained along, "ids", "mask" and "segments" (B, T), i32, in place of "text". Fetches, by the
// names that the model gives:
//   loss.NAME   scalar, each of Captured::losses; of accumulate and eval
//   NAME        (B, ...), each of Captured::outputs but the representations
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "dmd/config/config.h"
#include "dmd/models/model_def.h"
#include "engine/graph.h"
#include "engine/nn/parameters.h"

namespace dmd {

// What a model of one configuration names, with which every program of it agrees.
struct Declaration {
  const ModelDef* model = nullptr;
  trine::nn::ParameterStore store;
  std::vector<std::string> losses;  // the total first
  std::vector<OutputInfo> outputs;  // the prediction first

  const OutputInfo& prediction() const { return outputs.front(); }
};

// Throws trine::Error unless the configuration knows the input sizes, and where the model names
// things twice or not as model_def.h asks for.
Declaration declare(const Config& config);

// "loss.NAME".
std::string fetch_of_loss(std::string_view name);

// gradients := clip(gradients + d total / d parameters), with dropout. RunParams: the seed, and a
// step that differs from batch to batch.
void build_accumulate(trine::Graph& graph, trine::nn::ParameterStore& store, const Config& config,
                      std::int64_t batch);

// One step of Adam, then gradients := 0. RunParams: the learning rate, and the step as the number
// of this update, from 1. Groups of parameters keep their configured ratio to the learning rate.
void build_apply(trine::Graph& graph, trine::nn::ParameterStore& store, const Config& config);

// What a parameter's step is to the learning rate; 0: it is stored and never trained.
double rate_of(const trine::nn::Parameter& parameter, const Config& config);

// No dropout, no effect on any state.
void build_eval(trine::Graph& graph, trine::nn::ParameterStore& store, const Config& config,
                std::int64_t batch);

// The predictions of eval alone: it reads no labels, and what computes only losses is left out.
void build_predict(trine::Graph& graph, trine::nn::ParameterStore& store, const Config& config,
                   std::int64_t batch);

// Predictions and representations.
void build_represent(trine::Graph& graph, trine::nn::ParameterStore& store, const Config& config,
                     std::int64_t batch);

}  // namespace dmd
