#include "dmd/train/predictions.h"

#include <array>
#include <utility>

#include <fmt/format.h>

#include "dmd/config/input_sizes.h"

namespace dmd {
namespace {

constexpr std::array<const GraphUnit*, 2> kUnits{&kHomoUnit, &kHeteroUnit};

void append(std::vector<float>& values, const std::vector<float>& more) {
  values.insert(values.end(), more.begin(), more.end());
}

// Gathers the columns of a split batch by batch.
class Collector {
 public:
  Collector() {
    for (const HeadSource& head : heads_) result_.heads.push_back({head.name, {}});
    for (const GraphUnit* unit : kUnits)
      for (std::string& name : edge_names(*unit)) result_.edges.push_back({std::move(name), {}});
  }

  void add(const trine::Executable& program) {
    append(result_.output, program.fetch("output"));
    for (std::size_t i = 0; i < heads_.size(); ++i)
      append(result_.heads[i].values, program.fetch(heads_[i].fetch));
    for (std::size_t u = 0; u < kUnits.size(); ++u)
      add_edges(program.fetch(fmt::format("edges.{}", kUnits[u]->name)), u * kEdges);
  }

  Predictions take() { return std::move(result_); }

 private:
  // edges: (B, 6).
  void add_edges(const std::vector<float>& edges, std::size_t first_column) {
    for (std::size_t i = 0; i < edges.size(); ++i)
      result_.edges[first_column + i % kEdges].values.push_back(edges[i]);
  }

  const std::vector<HeadSource> heads_ = head_sources();
  Predictions result_;
};

}  // namespace

std::vector<HeadSource> head_sources() {
  std::vector<HeadSource> sources{
      {"logits_c", "logit_c", "what the fused common parts of all modalities say"}};
  for (const GraphUnit* unit : kUnits)
    for (const Modality m : kModalities)
      sources.push_back({fmt::format("logits_{}_{}", letter_of(m), unit->name),
                         fmt::format("logit_{}_{}", unit->name, letter_of(m)),
                         fmt::format("what the {} part of {} says",
                                     unit == &kHomoUnit ? "common" : "own", name_of(m))});
  return sources;
}

std::vector<std::string> edge_names(const GraphUnit& unit) {
  std::vector<std::string> names;
  for (const Edge& edge : kEdgeList)
    names.push_back(
        fmt::format("{}_{}_to_{}", unit.name, letter_of(edge.teacher), letter_of(edge.student)));
  return names;
}

Predictions predict(DeviceModel& model, const Split& split) {
  check_against(model.config(), input_sizes(split));
  Collector collector;
  Batch batch;
  const std::vector<std::int64_t> order = file_order(split.size());
  for (const auto rows : batches_of(order, model.config().batch_size)) {
    gather(split, rows, batch);
    trine::Executable& program = model.predict(batch.size);
    feed(program, batch);
    program.run({});
    collector.add(program);
  }
  return collector.take();
}

Metrics metrics_of(const Predictions& predictions, const Split& split, const Config& config) {
  return score(predictions.output, split.labels, config.batch_size);
}

}  // namespace dmd
