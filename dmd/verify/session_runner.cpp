#include "dmd/verify/runner.h"

namespace dmd {
namespace {

std::vector<double> in_double(const std::vector<float>& values) {
  return {values.begin(), values.end()};
}

class SessionProgram : public RunnableProgram {
 public:
  explicit SessionProgram(trine::Executable program) : program_(std::move(program)) {}

  void feed(const std::string& name, std::span<const float> values) override {
    program_.feed(name, values);
  }
  void run(const trine::StepParams& params) override { program_.run(params); }
  std::vector<double> fetch(const std::string& name) const override {
    return in_double(program_.fetch(name));
  }

 private:
  trine::Executable program_;
};

class SessionRunner : public Runner {
 public:
  explicit SessionRunner(trine::Session& session) : session_(session) {}

  void set_state(const std::string& name, std::span<const float> values) override {
    session_.create_state(name, static_cast<std::int64_t>(values.size()));
    session_.write_state(name, 0, values);
  }
  std::vector<double> state(const std::string& name, std::int64_t size) const override {
    return in_double(session_.read_state(name, 0, size));
  }
  std::unique_ptr<RunnableProgram> compile(trine::Graph graph, std::string name) override {
    return std::make_unique<SessionProgram>(session_.compile(graph, std::move(name)));
  }

 private:
  trine::Session& session_;
};

}  // namespace

std::unique_ptr<Runner> run_on(trine::Session& session) {
  return std::make_unique<SessionRunner>(session);
}

}  // namespace dmd
