#include "tests/faults/disturbance.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <random>
#include <sstream>
#include <system_error>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/faults/run_folder.h"

namespace faults {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using testing::HasSubstr;
using testing::IsEmpty;

// How many calls of a kind the suite makes fail in a command.
constexpr std::size_t kDrawn = 4;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

std::vector<std::string> complaints(const std::string& err) {
  std::vector<std::string> all;
  std::istringstream lines(err);
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("dmd: ")) all.push_back(line);
  return all;
}

// Names of which a user would understand which file or folder is meant: that of the call, or of a
// file that stands or was to stand in it.
std::vector<std::string> names_for(const fs::path& path, const Log& log) {
  std::vector<std::string> names;
  for (const Call& call : log.calls) {
    if (!call.path.starts_with(path.string())) continue;
    std::string name = fs::path(call.path).filename().string();
    if (name.ends_with(".trine-tmp"))
      name = name.substr(1, name.find(".", name.find(".", 1) + 1) - 1);
    if (!name.empty()) names.push_back(name);
  }
  names.push_back(path.filename().string());
  return names;
}

}  // namespace

Disturbance::Disturbance(Command command) : command_(std::move(command)) {
  fs::create_directories(template_.folder());
  command_.prepare(template_.folder());
  const Place place;
  fill(place);
  const auto begin = Clock::now();
  const Ended ended = run(place.folder(), command_.words, environment(place, nullptr));
  seconds_ = seconds_since(begin);
  if (ended.status != 0) {
    obstacle_ = ended.err;
    return;
  }
  out_ = ended.out;
  results_ = command_.results(place.folder());
  log_ = read_log(place.log());
  if (!command_.counted.empty())  // a folder's faults: threads are none of it
    std::erase_if(log_.calls, [](const Call& call) { return call.path.empty(); });
}

void Disturbance::fill(const Place& place) const {
  fs::copy(template_.folder(), place.folder(), fs::copy_options::recursive);
}

Environment Disturbance::environment(const Place& place, const Fault* fault) const {
  const Folder counted =
      command_.counted.empty() ? place.folder() : place.folder() / command_.counted;
  Environment all = environment_of(counted, place.log(), fault);
  all.merge(environment_in(command_, place.folder()));
  return all;
}

Outcome Disturbance::with(const Fault& fault) {
  SCOPED_TRACE(command_.name + ": " + describe(fault));
  const Place place;
  fill(place);
  const Ended ended = run(place.folder(), command_.words, environment(place, &fault));
  SCOPED_TRACE("standard error:\n" + ended.err);
  EXPECT_TRUE(read_log(place.log()).failed) << "the call was not made";
  EXPECT_FALSE(ended.hung);
  EXPECT_EQ(ended.signal, fault.how.kills ? SIGKILL : 0);
  if (ended.status == 0) {
    expect_undisturbed(place, ended);
    return Outcome::unharmed;
  }
  expect_undamaged(place);
  if (!fault.how.kills) {
    EXPECT_FALSE(command_.never_fails);
    expect_sentence(ended, fault);
    expect_nothing_left(place);
  }
  go_on(place);
  return fault.how.kills ? Outcome::killed : Outcome::explained;
}

Outcome Disturbance::killed_after(double seconds) {
  SCOPED_TRACE(fmt::format("{}: killed after {} s", command_.name, seconds));
  const Place place;
  fill(place);
  Process process(place.folder(), command_.words, environment(place, nullptr));
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  process.kill();
  const Ended ended = process.wait();
  if (ended.status == 0) {
    expect_undisturbed(place, ended);
    return Outcome::unharmed;
  }
  EXPECT_EQ(ended.signal, SIGKILL) << ended.err;
  expect_undamaged(place);
  go_on(place);
  return Outcome::killed;
}

void Disturbance::expect_undisturbed(const Place& place, const Ended& ended) const {
  EXPECT_TRUE(command_.prints_times || ended.out == out_) << ended.out << "and not\n" << out_;
  for (const auto& [name, result] : command_.results(place.folder()))
    EXPECT_TRUE(result == results_.at(name)) << name << " differs from the undisturbed run's";
  expect_nothing_left(place);
}

void Disturbance::expect_sentence(const Ended& ended, const Fault& fault) const {
  EXPECT_NE(fault.how.error, 0) << "nothing but the program's own doing makes it fail";
  const std::vector<std::string> said = complaints(ended.err);
  ASSERT_EQ(said.size(), 1u);
  EXPECT_TRUE(ended.err.ends_with(said.front() + "\n"));
  const bool out_of_memory = fault.call.kind == "allocation";
  EXPECT_THAT(said.front(),
              HasSubstr(out_of_memory ? "there is not enough memory"
                                      : std::generic_category().message(fault.how.error)));
  if (fault.call.path.empty()) return;
  std::vector<testing::Matcher<std::string>> names;
  for (const std::string& name : names_for(fault.call.path, log_)) names.push_back(HasSubstr(name));
  EXPECT_THAT(said.front(), testing::AnyOfArray(names));
}

void Disturbance::expect_undamaged(const Place& place) const {
  EXPECT_EQ(command_.damage(place.folder(), results_), "");
}

void Disturbance::expect_nothing_left(const Place& place) const {
  EXPECT_THAT(temporaries_in(place.folder()), IsEmpty());
}

void Disturbance::go_on(const Place& place) const {
  const Words words = command_.again(place.folder());
  SCOPED_TRACE(fmt::format("going on with {}", fmt::join(words, " ")));
  const Ended ended = run(place.folder(), words, environment(place, nullptr));
  ASSERT_EQ(ended.status, 0) << ended.err;
  expect_undisturbed(place, ended);
}

std::vector<Fault> faults_of(const Log& log) {
  std::map<std::string, std::vector<Fault>> by_kind;
  for (const Call& call : log.calls) {
    std::vector<Fault>& of_kind = by_kind[call.kind];
    of_kind.push_back({.call = call, .nth = static_cast<std::int64_t>(of_kind.size()) + 1});
  }
  std::mt19937 draw(1);
  std::vector<Fault> all;
  for (auto& [kind, calls] : by_kind) {
    const std::vector<How>& failures = failures_of(kind);
    if (!takes_all()) {
      std::ranges::shuffle(calls, draw);
      calls.resize(std::min(calls.size(), std::max(kDrawn, failures.size())));
    }
    for (std::size_t i = 0; i < calls.size(); ++i)
      for (std::size_t f = 0; f < failures.size(); ++f) {
        if (!takes_all() && f != i % failures.size()) continue;
        all.push_back(calls[i]);
        all.back().how = failures[f];
      }
  }
  return all;
}

void Tally::add(const std::string& kind, Outcome outcome) { ++counts_[kind][outcome]; }

std::string Tally::text(const std::string& command) const {
  std::string all;
  for (const auto& [kind, outcomes] : counts_) {
    const auto count = [&](Outcome outcome) {
      const auto found = outcomes.find(outcome);
      return found == outcomes.end() ? 0 : found->second;
    };
    all += fmt::format("| {} | {} | {} | {} | {} |\n", command, kind, count(Outcome::unharmed),
                       count(Outcome::explained), count(Outcome::killed));
  }
  return all;
}

}  // namespace faults
