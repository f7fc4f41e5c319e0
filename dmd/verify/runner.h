// Where a verification runs its programs: on a device, or on the host in double precision by the
// ops' own references.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "backends/session.h"
#include "engine/graph.h"
#include "engine/step_params.h"

namespace dmd {

class RunnableProgram {
 public:
  virtual ~RunnableProgram() = default;
  // Throws trine::Error if the program has no input of this name and size.
  virtual void feed(const std::string& name, std::span<const float> values) = 0;
  virtual void run(const trine::StepParams& params) = 0;
  // A fetched value of the last run. Throws trine::Error if there is none of this name.
  virtual std::vector<double> fetch(const std::string& name) const = 0;
};

class Runner {
 public:
  virtual ~Runner() = default;
  // Makes the state or overwrites it.
  virtual void set_state(const std::string& name, std::span<const float> values) = 0;
  virtual std::vector<double> state(const std::string& name, std::int64_t size) const = 0;
  // The states that the graph names must exist, and the runner must outlive the program.
  virtual std::unique_ptr<RunnableProgram> compile(trine::Graph graph, std::string name) = 0;
};

// The session must outlive the runner.
std::unique_ptr<Runner> run_on(trine::Session& session);

std::unique_ptr<Runner> run_on_host();

}  // namespace dmd
