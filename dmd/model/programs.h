// The programs of a model: one batch's gradients, one optimizer step, and predictions. Each is
// captured once for a batch size and replayed.
//
// States: the arenas nn::kParameters, nn::kGradients, optim::kAdamMean and optim::kAdamSquare, of
// ParameterStore::arena_size() elements. Inputs, for accumulate and eval: "text", "audio", "vision"
// (B, T, D) and "labels" (B, 1); with an encoder that is trained along, "ids", "mask" and
// "segments" (B, T), i32, in place of "text". Fetches of accumulate and eval, and of predict, which
// has no losses and reads no labels:
//   loss.NAME                     scalar, for each name of kLossTerms
//   output, logits_c              (B, 1)
//   logits_M_homo, logits_M_hetero  (B, 1), M = l, v, a
//   edges.homo, edges.hetero      (B, 6) in the order of kEdgeList; all 0 where a unit is left out
//   mean_edges.homo, mean_edges.hetero  (6)
#pragma once

#include <cstdint>

#include "dmd/config/config.h"
#include "engine/graph.h"
#include "engine/nn/parameters.h"

namespace dmd {

// The parameters of a model and their places, with which every program of it agrees. Throws
// trine::Error unless the configuration knows the input sizes.
trine::nn::ParameterStore declare_parameters(const Config& config);

// gradients := clip(gradients + d total / d parameters), with dropout. StepParams: the seed, and a
// step that differs from batch to batch.
void build_accumulate(trine::Graph& graph, trine::nn::ParameterStore& store, const Config& config,
                      std::int64_t batch);

// One step of Adam, then gradients := 0. StepParams: the learning rate, and the step as the number
// of this update, from 1. The encoder's rate keeps its configured ratio to the learning rate.
void build_apply(trine::Graph& graph, trine::nn::ParameterStore& store, const Config& config);

// No dropout, no effect on any state.
void build_eval(trine::Graph& graph, trine::nn::ParameterStore& store, const Config& config,
                std::int64_t batch);

// The predictions of eval alone: what computes only losses is left out.
void build_predict(trine::Graph& graph, trine::nn::ParameterStore& store, const Config& config,
                   std::int64_t batch);

}  // namespace dmd
