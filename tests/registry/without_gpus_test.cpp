// The registry as a build with neither Vulkan nor CUDA has it: this program compiles it so,
// whatever the rest of the build has.
#include <algorithm>

#include "backends/registry.h"
#include "tests/support/errors.h"

namespace trine {
namespace {

using testing::HasSubstr;

BackendListing listing_of(const std::string& kind) {
  for (const BackendListing& listing : list_devices())
    if (listing.kind == kind) return listing;
  ADD_FAILURE() << kind << " is not listed";
  return {};
}

TEST(BuildWithoutGpus, ListsWhyAndWhatToDo) {
  for (const char* kind : {"vulkan", "cuda"}) {
    const BackendListing listing = listing_of(kind);
    EXPECT_TRUE(listing.devices.empty()) << kind;
    EXPECT_THAT(listing.reason, HasSubstr("this build has no"));
    EXPECT_THAT(listing.reason, HasSubstr("build again"));
    EXPECT_EQ(error_of([&] { open_device(kind); }), listing.reason);
  }
}

TEST(BuildWithoutGpus, ComputesOnTheProcessor) {
  EXPECT_EQ(open_device("auto")->info().id, "cpu");
  EXPECT_EQ(open_device("cpu")->info().id, "cpu");
}

}  // namespace
}  // namespace trine
