#include "dmd/models/programs.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "dmd/models/blocks/task.h"
#include "dmd/models/registry.h"
#include "dmd/text/pretrained.h"
#include "engine/error.h"
#include "engine/optim/accumulate.h"
#include "engine/optim/adam.h"
#include "engine/optim/clip.h"

namespace dmd {
namespace {

using trine::Graph;
using trine::Tensor;
using trine::nn::Capture;
using trine::nn::Mode;
using trine::nn::Parameter;
using trine::nn::ParameterStore;
using trine::optim::ArenaPart;

// The numbers of an answer are called after the task, a head's after the head too.
void name_columns(const Config& config, OutputInfo& output) {
  const bool is_answer = output.kind == OutputKind::prediction || output.kind == OutputKind::head;
  if (!is_answer || !output.columns.empty()) return;
  output.columns = answer_columns(config);
  if (output.kind == OutputKind::head)
    for (std::string& column : output.columns) column = fmt::format("{}_{}", output.name, column);
}

Captured capture_model(Capture& capture, const Config& config, std::int64_t batch) {
  const Inputs inputs = capture_inputs(capture, config, batch);
  Captured captured = find_model(config.model).capture(capture, config, inputs);
  for (Output& output : captured.outputs) name_columns(config, output.info);
  return captured;
}

void fetch_losses(Graph& graph, const Captured& captured) {
  for (const Loss& loss : captured.losses) graph.fetch(fetch_of_loss(loss.name), loss.value);
}

void fetch_outputs(Graph& graph, const Captured& captured, bool representations) {
  for (const Output& output : captured.outputs)
    if (representations || output.info.kind != OutputKind::representation)
      graph.fetch(output.info.name, output.value);
}

// ---- What a model may name ----

void check_name(const ModelDef& model, std::set<std::string>& names, const std::string& name) {
  if (name.empty() || !names.insert(name).second)
    trine::fail("the model {} names an output or a loss '{}' that is empty or named twice",
                model.name, name);
}

// Reports want a number for each of the columns.
void check_output(const ModelDef& model, const Output& output) {
  if (output.info.kind == OutputKind::representation) return;
  const auto columns =
      static_cast<std::int64_t>(std::max<std::size_t>(output.info.columns.size(), 1));
  const trine::Shape& shape = output.value.shape();
  if (shape.rank() == 2 && shape[1] == columns) return;
  trine::fail("the model {} gives '{}' the shape {}, and its {} columns want (batch, {})",
              model.name, output.info.name, trine::to_string(shape), columns, columns);
}

void check(const ModelDef& model, const Captured& captured) {
  if (captured.losses.empty() || captured.outputs.empty() ||
      captured.outputs.front().info.kind != OutputKind::prediction)
    trine::fail("the model {} must name a total loss, and its prediction before other outputs",
                model.name);
  std::set<std::string> names;
  for (const Loss& loss : captured.losses) check_name(model, names, fetch_of_loss(loss.name));
  for (const Output& output : captured.outputs) {
    check_name(model, names, output.info.name);
    check_output(model, output);
  }
}

// ---- Rates ----

// Stretches of equal rates, as long as they can be; none where one rate holds for the whole arena.
std::vector<ArenaPart> parts_of(const ParameterStore& store, const Config& config) {
  std::vector<ArenaPart> parts;
  for (const Parameter& parameter : store.parameters()) {
    const double rate = rate_of(parameter, config);
    if (parts.empty() || parts.back().rate != rate) parts.push_back({parameter.offset, 0, rate});
  }
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::int64_t end = i + 1 < parts.size() ? parts[i + 1].offset : store.arena_size();
    parts[i].elements = end - parts[i].offset;
  }
  if (parts.size() == 1 && parts.front().rate == 1.0) return {};
  return parts;
}

}  // namespace

// The encoder has a key of its own.
double rate_of(const Parameter& parameter, const Config& config) {
  if (parameter.name.starts_with(kTextModelPrefix)) {
    const double rate = config.text_encoder_learning_rate;
    return rate == 0 ? 1.0 : rate / config.learning_rate;
  }
  const ModelDef& model = find_model(config.model);
  const auto groups = model.groups ? model.groups(config) : std::vector<ParameterGroup>{};
  const auto found = std::ranges::find_if(groups, [&](const ParameterGroup& group) {
    return parameter.name.starts_with(group.prefix);
  });
  return found == groups.end() ? 1.0 : found->rate;
}

std::string fetch_of_loss(std::string_view name) { return fmt::format("loss.{}", name); }

Declaration declare(const Config& config) {
  Declaration declared;
  declared.model = &find_model(config.model);
  Graph graph;
  Capture capture(graph, declared.store, Mode::evaluation);
  const Captured captured = capture_model(capture, config, /*batch=*/1);
  check(*declared.model, captured);
  for (const Loss& loss : captured.losses) declared.losses.push_back(loss.name);
  for (const Output& output : captured.outputs) declared.outputs.push_back(output.info);
  return declared;
}

void build_accumulate(Graph& graph, ParameterStore& store, const Config& config,
                      std::int64_t batch) {
  Capture capture(graph, store, Mode::training);
  const Captured captured = capture_model(capture, config, batch);
  fetch_losses(graph, captured);
  fetch_outputs(graph, captured, /*representations=*/false);
  const Tensor total = captured.losses.front().value;
  const auto limit = static_cast<float>(config.grad_clip);
  if (find_model(config.model).clipping == Clipping::norm)
    return trine::optim::accumulate_clipped_by_norm(capture, total, limit);
  trine::optim::accumulate_gradients(
      capture, total, [limit](Tensor g) { return trine::optim::clip_by_value(g, limit); });
}

void build_apply(Graph& graph, ParameterStore& store, const Config& config) {
  Capture capture(graph, store, Mode::training);
  std::vector<ArenaPart> parts = parts_of(store, config);
  const auto is_frozen = [](const ArenaPart& part) { return part.rate == 0; };
  if (!parts.empty() && std::ranges::all_of(parts, is_frozen))
    trine::fail("the model {} trains none of its parameters", config.model);
  std::erase_if(parts, is_frozen);
  trine::optim::adam(capture, {.parts = std::move(parts)});
  trine::optim::zero_gradients(capture);
}

void build_eval(Graph& graph, ParameterStore& store, const Config& config, std::int64_t batch) {
  Capture capture(graph, store, Mode::evaluation);
  const Captured captured = capture_model(capture, config, batch);
  fetch_losses(graph, captured);
  fetch_outputs(graph, captured, /*representations=*/false);
}

void build_predict(Graph& graph, ParameterStore& store, const Config& config, std::int64_t batch) {
  Capture capture(graph, store, Mode::evaluation);
  fetch_outputs(graph, capture_model(capture, config, batch), /*representations=*/false);
}

void build_represent(Graph& graph, ParameterStore& store, const Config& config,
                     std::int64_t batch) {
  Capture capture(graph, store, Mode::evaluation);
  fetch_outputs(graph, capture_model(capture, config, batch), /*representations=*/true);
}

}  // namespace dmd
