// The order of calls in which a file is saved: contents on the disk, then its name, then the
// folder's entry on the disk. A power cut at any place then leaves the old file or the new one.

#include <algorithm>

#include <gmock/gmock.h>

#include "tests/faults/disturbance.h"

namespace faults {
namespace {

using testing::ElementsAre;

bool is(const Call& call, std::string_view kind, const std::filesystem::path& path) {
  return call.kind == kind && call.path == path.string();
}

// The calls on the temporary file that became `renamed`, which lies `at` in the log, and the first
// on its folder after it. Repeated writes count once.
std::vector<std::string> saving(const std::vector<Call>& calls, std::size_t at) {
  const std::filesystem::path target = calls[at].path;
  const std::string begin = (target.parent_path() / ("." + target.filename().string())).string();
  std::vector<std::string> kinds;
  std::size_t opened = at;
  while (opened > 0 && !(calls[opened].kind == "open" && calls[opened].path.starts_with(begin)))
    --opened;
  const std::string& temporary = calls[opened].path;
  for (std::size_t i = opened; i < at; ++i)
    if (calls[i].path == temporary && (kinds.empty() || kinds.back() != calls[i].kind))
      kinds.push_back(calls[i].kind);
  kinds.push_back("rename");
  const auto next = std::find_if(calls.begin() + static_cast<std::ptrdiff_t>(at), calls.end(),
                                 [&](const Call& call) {
                                   return is(call, "fsync", target.parent_path()) ||
                                          call.kind == "open" || call.kind == "mkdir";
                                 });
  if (next != calls.end()) kinds.push_back(next->kind + " folder");
  return kinds;
}

void expect_order(Command command, int least) {
  const Disturbance undisturbed(std::move(command));
  const std::vector<Call>& calls = undisturbed.log().calls;
  int saved = 0;
  for (std::size_t i = 0; i < calls.size(); ++i) {
    if (calls[i].kind != "rename") continue;
    ++saved;
    EXPECT_THAT(saving(calls, i), ElementsAre("open", "copy", "flock", "stat", "write", "fsync",
                                              "close", "rename", "fsync folder"))
        << calls[i].path;
  }
  EXPECT_GE(saved, least);
}

TEST(Order, OfSavingARun) { expect_order(train_new_run(), 6); }
TEST(Order, OfSavingAPrediction) { expect_order(predict_to_csv(), 1); }

// A run's new folder is kept by the one above it before anything is written there.
TEST(Order, OfMakingAFolder) {
  const Disturbance undisturbed(train_new_run());
  const std::vector<Call>& calls = undisturbed.log().calls;
  const auto made = std::ranges::find(calls, "mkdir", &Call::kind);
  ASSERT_NE(made, calls.end());
  const auto kept = std::find_if(made, calls.end(), [&](const Call& call) {
    return is(call, "fsync", std::filesystem::path(made->path).parent_path());
  });
  const auto written =
      std::find_if(made, calls.end(), [](const Call& call) { return call.kind == "write"; });
  ASSERT_NE(kept, calls.end());
  EXPECT_LT(kept, written);
}

}  // namespace
}  // namespace faults
