#include <algorithm>

#include "dmd/verify/runner.h"
#include "engine/error.h"
#include "engine/evaluate.h"
#include "engine/ops/state.h"

namespace dmd {
namespace {

using States = std::map<std::string, std::vector<double>>;

const trine::Node& input_of(const trine::Graph& graph, const std::string& name) {
  for (const trine::Node& node : graph.nodes())
    if (node.op == &trine::kInput && node.attrs.text("name") == name) return node;
  trine::fail("the program has no input named '{}'", name);
}

class HostProgram : public RunnableProgram {
 public:
  HostProgram(trine::Graph graph, States& states) : graph_(std::move(graph)), states_(states) {}

  void feed(const std::string& name, std::span<const float> values) override {
    trine::HostTensor tensor(input_of(graph_, name).outputs[0]);
    if (tensor.values.size() != values.size())
      trine::fail("the input '{}' is {} and {} values were given", name,
                  trine::to_string(tensor.type), values.size());
    std::copy(values.begin(), values.end(), tensor.values.begin());
    bindings_.inputs[name] = std::move(tensor);
  }

  void run(const trine::StepParams& params) override {
    trine::Tensors wanted;
    for (const trine::NamedValue& f : graph_.fetches()) wanted.push_back(graph_.tensor(f.value));
    bindings_.step = params;
    bindings_.states.swap(states_);
    results_ = evaluate(graph_, wanted, bindings_);
    bindings_.states.swap(states_);
  }

  std::vector<double> fetch(const std::string& name) const override {
    for (std::size_t i = 0; i < results_.size(); ++i)
      if (graph_.fetches()[i].name == name) return results_[i].values;
    trine::fail("the program has not computed a value named '{}'", name);
  }

 private:
  trine::Graph graph_;
  States& states_;
  trine::Bindings bindings_;
  std::vector<trine::HostTensor> results_;
};

class HostRunner : public Runner {
 public:
  void set_state(const std::string& name, std::span<const float> values) override {
    states_[name].assign(values.begin(), values.end());
  }
  std::vector<double> state(const std::string& name, std::int64_t) const override {
    return states_.at(name);
  }
  std::unique_ptr<RunnableProgram> compile(trine::Graph graph, std::string) override {
    return std::make_unique<HostProgram>(std::move(graph), states_);
  }

 private:
  States states_;
};

}  // namespace

std::unique_ptr<Runner> run_on_host() { return std::make_unique<HostRunner>(); }

}  // namespace dmd
