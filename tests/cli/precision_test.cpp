// --set precision=tf32, on CUDA's kernels in emulation.
#include <filesystem>

#include "tests/cli/program.h"

namespace cli_test {
namespace {

using testing::HasSubstr;

constexpr const char* kRefusal =
    "the precision tf32 was asked for, and this device computes in f32";

Json json_of(const Result& result) {
  EXPECT_EQ(result.status, 0) << result.err;
  return Json::parse(result.out);
}

// So small that emulation trains an epoch in seconds.
constexpr const char* kData = "--data synthetic:10 --device ";
constexpr const char* kSmallest =
    "dmd train --config tiny --set nlevels=1 --set dst_feature_dim=4 --set nheads=1 --set "
    "batch_size=6 --set update_epochs=1 --set cross_attention=false ";

TEST(Precision, BelongsToTheRunAndIsKeptOnResuming) {
  const Shell shell;
  const auto trained = [&](const std::string& flags) {
    const Result result = shell.run(fmt::format("{} {} cuda-emulated {}", kSmallest, kData, flags));
    EXPECT_EQ(result.status, 0) << result.err;
  };
  trained("--epochs 1 --out f32");
  trained("--epochs 1 --out more --set precision=tf32");
  EXPECT_NE(measurements(shell / "more"), measurements(shell / "f32"));
  trained("--epochs 2 --out tf32 --set precision=tf32");
  const std::string resume = fmt::format("dmd train --resume more --epochs 2 {}", kData);
  expect_error(shell.run(resume + "cpu"), 2, kRefusal);
  const Result resumed = shell.run(resume + "cuda-emulated");
  EXPECT_EQ(resumed.status, 0) << resumed.err;

  EXPECT_THAT(dmd::contents_of(shell / "tf32/config.json"), HasSubstr("\"precision\": \"tf32\""));
  EXPECT_EQ(measurements(shell / "tf32"), measurements(shell / "more"));

  // Scored on any device, which computes in f32 unless it is told otherwise.
  const std::string eval = fmt::format("dmd eval --checkpoint tf32 --json {}", kData);
  EXPECT_NEAR(json_of(shell.run(eval + "cpu"))["MAE"].get<double>(),
              json_of(shell.run(eval + "cuda-emulated"))["MAE"].get<double>(), 2e-4);
  expect_error(shell.run(eval + "cpu --set precision=tf32"), 2, kRefusal);
  const Result in_tf32 = shell.run(eval + "cuda-emulated --set precision=tf32");
  EXPECT_EQ(in_tf32.status, 0) << in_tf32.err;
}

TEST(Precision, IsRefusedBeforeAFolderIsMade) {
  const Shell shell;
  for (const char* seeds : {"--seed 1", "--seeds 1,2"})
    expect_error(shell.train(fmt::format("--device cpu --out run {} --set precision=tf32", seeds)),
                 2, kRefusal);
  EXPECT_FALSE(std::filesystem::exists(shell / "run"));
  expect_error(shell.train("--device cuda-emulated --set precision=f16"), 2,
               "configuration key 'precision' must be f32 or tf32, not \"f16\"");
}

TEST(Bench, TakesTheSizesThatAreSet) {
  const Shell shell;
  const auto gflop = [&](const std::string& flags) {
    const Result result =
        shell.run("dmd bench --config tiny --device cpu --batch 2 --steps 1 --json " + flags);
    EXPECT_EQ(result.status, 0) << result.err;
    return Json::parse(result.out).at("gflop_per_step").get<double>();
  };
  EXPECT_GT(gflop("--set seq_lens=24,40,32"), 1.5 * gflop(""));
}

TEST(Bench, SaysThePrecisionAndTheSizeOfAStep) {
  const Shell shell;
  const std::string bench =
      "dmd bench --config tiny --mode infer --batch 1 --steps 1 --json --set nlevels=1 --set "
      "dst_feature_dim=4 --set nheads=1 ";
  const Json f32 = json_of(shell.run(bench + "--device cpu"));
  EXPECT_EQ(f32["precision"], "f32");
  EXPECT_GT(f32["waves_per_step"], 0);
  EXPECT_GT(f32["launches_per_step"], f32["waves_per_step"]);
  const Json tf32 = json_of(shell.run(bench + "--device cuda-emulated --set precision=tf32"));
  EXPECT_EQ(tf32["precision"], "tf32");
  expect_error(shell.run(bench + "--device cpu --set precision=tf32"), 2, kRefusal);
}

}  // namespace
}  // namespace cli_test
