// What programs are written with: a device with named state arenas, and graphs compiled to run on
// it.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "backends/backend.h"
#include "engine/graph.h"
#include "engine/passes/pipeline.h"

namespace trine {

class Session;

// A compiled graph. Feeds and fetches go by the names given at capture.
class Executable {
 public:
  // Values in row-major order; the count must be the input's. Error names the inputs there are.
  void feed(std::string_view name, std::span<const float> values);
  void feed(std::string_view name, std::span<const std::int32_t> values);

  void run(const RunParams& params) { program_->run(params); }

  std::vector<float> fetch(std::string_view name) const;
  // Its type, the same for every run.
  const Type& fetch_type(std::string_view name) const;
  // A fetched scalar.
  float fetch_scalar(std::string_view name) const;

  const Plan& plan() const { return *plan_; }
  std::vector<LaunchTime> profile(const RunParams& params) { return program_->profile(params); }

 private:
  friend class Session;
  Executable(std::shared_ptr<const Plan> plan, std::unique_ptr<Program> program)
      : plan_(std::move(plan)), program_(std::move(program)) {}

  void feed_bytes(std::string_view name, DType dtype, std::int64_t n, std::span<const std::byte>);

  std::shared_ptr<const Plan> plan_;
  std::unique_ptr<Program> program_;
};

class Session {
 public:
  // Sessions may share a device.
  explicit Session(std::shared_ptr<Backend> backend, PassOptions passes = {},
                   CompileOptions options = {})
      : backend_(std::move(backend)), passes_(std::move(passes)), options_(options) {
    passes_.fusion = backend_->fusion();
  }

  // Makes a state arena of `elements` f32 zeros; programs name it in state(). Error if the name is
  // taken by one of another size.
  void create_state(const std::string& name, std::int64_t elements);
  void write_state(const std::string& name, std::int64_t first_element,
                   std::span<const float> values);
  std::vector<float> read_state(const std::string& name, std::int64_t first_element,
                                std::int64_t n) const;

  // Runs the passes and compiles for the device. States that the graph names must exist.
  Executable compile(const Graph& graph, std::string name, const PassObserver& observe = {});

  // Another on the same device, which goes through the same passes and has no state yet.
  Session another() const { return Session(backend_, passes_, options_); }

  Backend& backend() { return *backend_; }
  const PassOptions& passes() const { return passes_; }

 private:
  DeviceBuffer& find_state(const std::string& name) const;

  std::shared_ptr<Backend> backend_;
  PassOptions passes_;
  CompileOptions options_;
  std::map<std::string, std::unique_ptr<DeviceBuffer>> states_;
};

}  // namespace trine
