// Where an encoder's folder is looked for.
#include "dmd/text/encoder_folder.h"

#include <gmock/gmock.h>

#include "tests/support/errors.h"
#include "tests/support/temporary_folder.h"

namespace dmd {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class EncoderPlace : public testing::Test {
 protected:
  EncoderPlace() { fs::create_directories(run()); }

  fs::path here() const { return fs::canonical(folder_.path()); }
  fs::path run() const { return here() / "runs/first"; }
  std::string gone() const { return (here() / "gone/bert").string(); }

  TemporaryFolder folder_;
};

TEST_F(EncoderPlace, IsWhereThePathSays) {
  fs::create_directories(here() / "gone/bert");
  fs::create_directories(run() / "bert");
  EXPECT_EQ(encoder_folder_of(gone(), run()), gone());
  EXPECT_EQ(encoder_folder_of(gone() + "/", run()), gone());
  EXPECT_EQ(encoder_folder_of((here() / "runs/../gone/bert").string()), gone());
  EXPECT_EQ(encoder_folder_of(fs::relative(gone()).string()), gone());
}

TEST_F(EncoderPlace, IsElseInTheRunOrBesideIt) {
  fs::create_directories(here() / "runs/bert");
  EXPECT_EQ(encoder_folder_of(gone(), run()), here() / "runs/bert");
  fs::create_directories(run() / "bert");
  EXPECT_EQ(encoder_folder_of(gone(), run()), run() / "bert");
  EXPECT_EQ(encoder_folder_of("bert", run()), run() / "bert");
  EXPECT_EQ(find_encoder_folder(gone()), std::nullopt);
}

TEST_F(EncoderPlace, OfOneSeedIsBesideTheRunsOfAll) {
  fs::create_directories(here() / "runs/bert");
  EXPECT_EQ(encoder_folder_of(gone(), run() / "seed-1"), here() / "runs/bert");
  EXPECT_EQ(find_encoder_folder(gone(), run() / "other"), std::nullopt);
}

TEST_F(EncoderPlace, IsNamedWithAllOthersWhereItIsNowhere) {
  write_contents(run() / "bert", "a file");
  const std::string error = error_of([&] { encoder_folder_of(gone(), run()); });
  EXPECT_THAT(error, AllOf(HasSubstr(gone()), HasSubstr((run() / "bert").string()),
                           HasSubstr((here() / "runs/bert").string()),
                           HasSubstr("--set text_encoder_path=DIR")));
  EXPECT_THAT(error_of([&] { encoder_folder_of(gone()); }),
              AllOf(HasSubstr(gone()), Not(HasSubstr("runs"))));
}

}  // namespace
}  // namespace dmd
