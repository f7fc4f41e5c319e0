// The real files that stand beside the repository on some machines: CMU-MOSI as a pickle of 44 MB,
// and checkpoints that PyTorch wrote.
#include <chrono>
#include <numeric>

#include <gmock/gmock.h>

#include "dmd/data/feature_file.h"
#include "engine/io/safetensors.h"
#include "engine/io/torch_file.h"
#include "tests/formats/test_files.h"

namespace formats {
namespace {

using namespace trine::io;

// The file, or an empty path and a skipped test.
#define TRINE_REAL_FILE(variable, name)                                        \
  const std::filesystem::path variable = shared_file(name);                    \
  if (!std::filesystem::exists(variable)) {                                    \
    GTEST_SKIP() << variable << " is not there (TRINE_SHARED names a folder)"; \
  }

double sum(const dmd::Sequence& sequence) {
  return std::accumulate(sequence.values.begin(), sequence.values.end(), 0.0);
}

// Shapes from the file's README; values and sums from NumPy.
TEST(RealFiles, MosiFeatures) {
  TRINE_REAL_FILE(path, "data/mosi_ctx20.pkl");
  const auto begin = std::chrono::steady_clock::now();
  const dmd::Dataset data = dmd::read_feature_file(path);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  EXPECT_LT(seconds.count(), 10) << "reading should take a fraction of a second";

  EXPECT_EQ(data.train.size(), 1447);
  EXPECT_EQ(data.valid.size(), 265);
  EXPECT_EQ(data.test.size(), 487);
  EXPECT_EQ(data.train.text.steps, 20);
  EXPECT_EQ(data.train.text.width, 100);
  EXPECT_EQ(data.train.audio.width, 73);
  EXPECT_EQ(data.train.vision.width, 68);
  EXPECT_EQ(data.train.ids.at(0), "1DmNV9C1hbY$_$1");
  EXPECT_EQ(data.test.raw_text.at(0).substr(0, 17), "NOW THE TITLE OF ");
  EXPECT_FLOAT_EQ(data.train.text.values.at(1900), 0.88720703f);  // sample 0, step 19, feature 0
  EXPECT_FLOAT_EQ(data.test.labels.at(1), -2.8f);
  EXPECT_NEAR(sum(data.train.text), 112.30120861530304, 1e-6);
  EXPECT_NEAR(sum(data.valid.audio), 16389.400933504105, 1e-6);
  EXPECT_NEAR(sum(data.test.vision), -48682.660547971725, 1e-6);
  EXPECT_EQ(data.train.bert.tokens, 50);
  EXPECT_EQ(data.train.bert.ids.at(0), 101);
  EXPECT_EQ(data.train.bert.ids.at(4), 2028);
  EXPECT_EQ(data.train.bert.mask.at(4), 1);
  EXPECT_EQ(data.train.bert.segments.at(4), 0);
}

// Golden numbers of our own making: what PyTorch and the safetensors library wrote.
const std::filesystem::path kGolden = TRINE_SOURCE_DIR "/tests/golden/data/dmd_small";

TEST(RealFiles, PyTorchCheckpoints) {
  const std::filesystem::path path = kGolden / "model.pth";
  const TorchFile file = read_torch_file(path);
  EXPECT_EQ(file.arrays.size(), 450u);
  EXPECT_TRUE(file.skipped.empty());
  const Array* projection = find(file.arrays, "proj_l.weight");
  ASSERT_NE(projection, nullptr);
  EXPECT_EQ(to_string(*projection), "f32 (20, 16, 5)");
}

TEST(RealFiles, SafetensorsOfTheFixtures) {
  const std::filesystem::path path = kGolden / "expected.safetensors";
  const Safetensors file = read_safetensors(path);
  const Array* losses = find(file.arrays, "train.losses");
  ASSERT_NE(losses, nullptr);
  EXPECT_EQ(to_string(*losses), "f64 (25, 11)");
  // Column 0 is the total: at least the task loss, which is column 1.
  const std::vector<double> values = losses->to_f64();
  EXPECT_GE(values.at(0), values.at(1));
}

}  // namespace
}  // namespace formats
