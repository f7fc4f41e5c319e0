#include "dmd/train/training_state.h"

#include <cmath>

#include <nlohmann/json.hpp>

#include "engine/error.h"

namespace dmd {
namespace {

using Json = nlohmann::ordered_json;

// JSON has no infinity, which is what a best loss is before anything was measured.
Json json_of(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

double number_or_infinity(const Json& json) {
  return json.is_null() ? std::numeric_limits<double>::infinity() : json.get<double>();
}

Json json_of(const NamedValues& values) {
  Json object = Json::object();
  for (const auto& [name, value] : values) object[name] = value;
  return object;
}

NamedValues named_values(const Json& object) {
  NamedValues values;
  for (const auto& [name, value] : object.items()) values.emplace_back(name, value.get<double>());
  return values;
}

Json json_of(const DataShape& data) {
  return {{"source", data.source},
          {"train", data.train},
          {"valid", data.valid},
          {"test", data.test},
          {"feature_dims", data.sizes.feature_dims},
          {"seq_lens", data.sizes.seq_lens}};
}

DataShape data_shape(const Json& json) {
  return {.source = json.at("source"),
          .train = json.at("train"),
          .valid = json.at("valid"),
          .test = json.at("test"),
          .sizes = {.feature_dims = json.at("feature_dims").get<SizeList>(),
                    .seq_lens = json.at("seq_lens").get<SizeList>()}};
}

TrainingState state_of(const Json& json) {
  const Json& scheduler = json.at("scheduler");
  const Json& best = json.at("early_stop");
  return {
      .epoch = json.at("epoch"),
      .batches_done = json.at("batches_done"),
      .batches_seen = json.at("batches_seen"),
      .updates = json.at("updates"),
      .accumulated = json.at("accumulated"),
      .plateau = {.learning_rate = scheduler.at("learning_rate"),
                  .best = number_or_infinity(scheduler.at("best")),
                  .bad_measurements = scheduler.at("bad_measurements")},
      .best = {.loss = number_or_infinity(best.at("best_loss")), .epoch = best.at("best_epoch")},
      .loss_sums = named_values(json.at("loss_sums")),
      .seconds = json.at("seconds"),
      .earlier_seconds = json.at("earlier_seconds"),
      .data = data_shape(json.at("data"))};
}

bool is_consistent(const TrainingState& state) {
  return state.epoch >= 1 && state.batches_done >= 0 && state.accumulated >= 0 &&
         state.best.epoch >= 0 && state.best.epoch <= state.epoch;
}

}  // namespace

DataShape shape_of(const Dataset& data) {
  return {.source = data.source,
          .train = data.train.size(),
          .valid = data.valid.size(),
          .test = data.test.size(),
          .sizes = input_sizes(data.train)};
}

std::string to_json(const TrainingState& state) {
  const Json json = {
      {"epoch", state.epoch},
      {"batches_done", state.batches_done},
      {"batches_seen", state.batches_seen},
      {"updates", state.updates},
      {"accumulated", state.accumulated},
      {"scheduler",
       {{"learning_rate", state.plateau.learning_rate},
        {"best", json_of(state.plateau.best)},
        {"bad_measurements", state.plateau.bad_measurements}}},
      {"early_stop", {{"best_loss", json_of(state.best.loss)}, {"best_epoch", state.best.epoch}}},
      {"loss_sums", json_of(state.loss_sums)},
      {"seconds", state.seconds},
      {"earlier_seconds", state.earlier_seconds},
      {"data", json_of(state.data)}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

TrainingState training_state_from_json(std::string_view text, std::string_view where) {
  try {
    const TrainingState state = state_of(Json::parse(text));
    if (is_consistent(state)) return state;
  } catch (const Json::exception&) {
    // Which key is at fault helps nobody: people do not write this text.
  }
  trine::fail("{}: the state of its training run is damaged; start a new run from its parameters",
              where);
}

TrainingState training_state_of(const Checkpoint& checkpoint) {
  if (!checkpoint.training) {
    trine::fail("{} holds parameters alone: a run can only go on from a checkpoint of its own",
                checkpoint.file.string());
  }
  return training_state_from_json(*checkpoint.training, checkpoint.file.string());
}

}  // namespace dmd
