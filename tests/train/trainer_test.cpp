#include "dmd/train/trainer.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <gmock/gmock.h>

#include "engine/nn/parameters.h"
#include "tests/support/errors.h"
#include "tests/train/small_run.h"

namespace small_run {
namespace {

using dmd::contents_of;
using dmd::error_of;
using dmd::TemporaryFolder;
using testing::AllOf;
using testing::Each;
using testing::HasSubstr;

double cell(const dmd::Table& table, std::size_t row, const std::string& column) {
  const auto found = std::ranges::find(table.columns, column);
  EXPECT_NE(found, table.columns.end()) << column;
  return std::stod(table.rows.at(row).at(static_cast<std::size_t>(found - table.columns.begin())));
}

void expect_equal_runs(const RunFolder& a, const RunFolder& b) {
  EXPECT_EQ(measurements(a), measurements(b));
  EXPECT_TRUE(arrays_of(a.best()) == arrays_of(b.best()));
  EXPECT_TRUE(arrays_of(a.last()) == arrays_of(b.last()));
}

TEST(Trainer, LowersTheLoss) {
  const TemporaryFolder folder;
  const RunFolder files{folder / "run"};
  Config longer = config();
  longer.epochs = 12;
  EXPECT_EQ(train(longer, files), Ending::all_epochs);

  const dmd::Table table = history(files);
  ASSERT_EQ(table.rows.size(), 12u);
  EXPECT_LT(cell(table, 11, "task"), 0.9 * cell(table, 0, "task"));
  EXPECT_LT(cell(table, 11, "total"), 0.9 * cell(table, 0, "total"));
}

TEST(Trainer, WritesEveryTermMetricAndEdgeOfAnEpoch) {
  const TemporaryFolder folder;
  const RunFolder files{folder / "run"};
  train(config(), files);

  EXPECT_THAT(history(files).columns,
              testing::ElementsAre(
                  "epoch", "lr", "total", "task", "recon", "cycle", "ort", "margin", "homo_reg",
                  "homo_logit", "homo_repr", "hetero_reg", "hetero_logit", "hetero_repr",
                  "valid_MAE", "valid_Corr", "valid_Acc_7", "valid_Acc_5", "valid_Acc_3",
                  "valid_Non0_acc_2", "valid_Non0_F1", "valid_Has0_acc_2", "valid_Has0_F1",
                  "valid_Loss", "homo_v_to_l", "homo_a_to_l", "homo_l_to_v", "homo_a_to_v",
                  "homo_l_to_a", "homo_v_to_a", "hetero_v_to_l", "hetero_a_to_l", "hetero_l_to_v",
                  "hetero_a_to_v", "hetero_l_to_a", "hetero_v_to_a", "seconds"));
  const dmd::Table table = history(files);
  ASSERT_EQ(table.rows.size(), 3u);
  for (const char* unit : {"homo", "hetero"}) {
    double sum = 0;
    for (const char* edge : {"v_to_l", "a_to_l", "l_to_v", "a_to_v", "l_to_a", "v_to_a"})
      sum += cell(table, 2, fmt::format("{}_{}", unit, edge));
    EXPECT_NEAR(sum, 1, 1e-5);
  }
  EXPECT_EQ(dmd::read_config(files.config()), config());
}

TEST(Trainer, GivesEqualSeedsEqualBits) {
  const TemporaryFolder folder;
  const RunFolder a{folder / "a"}, b{folder / "b"}, other{folder / "other"};
  train(config(), a);
  train(config(), b);
  expect_equal_runs(a, b);

  Config reseeded = config();
  reseeded.seed = 7;
  train(reseeded, other);
  EXPECT_NE(measurements(a), measurements(other));
}

TEST(Trainer, GivesEqualBitsAtAnyNumberOfThreads) {
  const TemporaryFolder folder;
  const RunFolder one{folder / "one"}, two{folder / "two"};
  train(config(), one, go_on, /*threads=*/1);
  train(config(), two, go_on, /*threads=*/2);
  expect_equal_runs(one, two);
}

// 5 batches an epoch and an update every 2: stops in the middle of an accumulation (1, 8), after an
// update (2), at the very end of an epoch (5) and of the run (15).
class Interrupted : public testing::TestWithParam<int> {};

TEST_P(Interrupted, GoesOnAsIfNeverStopped) {
  const TemporaryFolder folder;
  const RunFolder whole{folder / "whole"}, stopped{folder / "stopped"};
  EXPECT_EQ(train(config(), whole), Ending::all_epochs);
  EXPECT_EQ(train(config(), stopped, after(GetParam())), Ending::interrupted);
  EXPECT_EQ(resume(stopped), Ending::all_epochs);
  expect_equal_runs(whole, stopped);
}

INSTANTIATE_TEST_SUITE_P(After, Interrupted, testing::Values(1, 2, 5, 8, 15));

TEST(Trainer, GoesOnAfterBeingInterruptedTwice) {
  const TemporaryFolder folder;
  const RunFolder whole{folder / "whole"}, stopped{folder / "stopped"};
  train(config(), whole);
  EXPECT_EQ(train(config(), stopped, after(1)), Ending::interrupted);
  EXPECT_EQ(resume(stopped, after(2)), Ending::interrupted);
  EXPECT_EQ(resume(stopped), Ending::all_epochs);
  expect_equal_runs(whole, stopped);
}

TEST(Trainer, HasNothingToDoForAFinishedRun) {
  const TemporaryFolder folder;
  const RunFolder files{folder / "run"};
  train(config(), files);
  const std::string before = contents_of(files.history());
  EXPECT_EQ(resume(files), Ending::all_epochs);
  EXPECT_EQ(contents_of(files.history()), before);
}

TEST(Trainer, StopsWhenNothingImproves) {
  const TemporaryFolder folder;
  const RunFolder files{folder / "run"};
  Config stuck = config();
  stuck.learning_rate = 1e-12;
  stuck.epochs = 50;
  stuck.early_stop = 2;
  EXPECT_EQ(train(stuck, files), Ending::early_stop);
  EXPECT_EQ(history(files).rows.size(), 3u);  // the first is the best, two bring nothing
  EXPECT_EQ(resume(files), Ending::early_stop);
}

TEST(Trainer, LowersTheLearningRateOnAPlateau) {
  const TemporaryFolder folder;
  const RunFolder files{folder / "run"};
  Config stuck = config();
  stuck.learning_rate = 1e-7;
  stuck.epochs = 5;
  stuck.patience = 1;
  stuck.factor = 0.5;
  train(stuck, files);
  const dmd::Table table = history(files);
  EXPECT_EQ(cell(table, 2, "lr"), 1e-7);
  EXPECT_EQ(cell(table, 4, "lr"), 0.5e-7);
}

// Three epochs of five batches.
TEST(Trainer, DropsOrAppliesLeftoverGradients) {
  struct Case {
    const char* variant;
    std::int64_t update_epochs;
    std::uint32_t updates;
  };
  const Dataset dataset = data();
  for (const Case& expected :
       {Case{"reference", 2, 6}, {"paper", 2, 9}, Case{"reference", 5, 3}, {"paper", 5, 3}}) {
    const TemporaryFolder folder;
    Config with = config();
    with.settings.set("variant", expected.variant);
    with.update_epochs = expected.update_epochs;
    DeviceModel on_device = model(with);
    Trainer trainer = Trainer::begin(on_device, dataset, {folder / "run"});
    run(trainer);
    EXPECT_EQ(trainer.state().updates, expected.updates);
    EXPECT_EQ(trainer.state().accumulated, 0);
    EXPECT_EQ(trainer.state().batches_seen, 15u);
    EXPECT_THAT(on_device.arena(trine::nn::kGradients), Each(0.0f));
  }
}

// Where every batch of every epoch would be dropped, nothing would be learned.
TEST(Trainer, RefusesARunThatWouldMakeNoStep) {
  const TemporaryFolder folder;
  const Dataset dataset = data();
  Config never = config();
  never.update_epochs = 6;
  DeviceModel on_device = model(never);
  EXPECT_THAT(error_of([&] { Trainer::begin(on_device, dataset, {folder / "run"}); }),
              AllOf(HasSubstr("37 utterances"), HasSubstr("5 batches of 8"),
                    HasSubstr("--set update_epochs=5")));
  EXPECT_FALSE(std::filesystem::exists(folder / "run"));

  // The paper's variant makes a step of what is left over.
  never.settings.set("variant", "paper");
  DeviceModel of_paper = model(never);
  EXPECT_NO_THROW(Trainer::begin(of_paper, dataset, {folder / "run"}));
}

TEST(Trainer, LeavesTheParametersAloneUntilAStep) {
  const TemporaryFolder folder;
  const Dataset dataset = data();
  Config late = config();
  late.update_epochs = 5;
  DeviceModel on_device = model(late);
  Trainer trainer = Trainer::begin(on_device, dataset, {folder / "run"});
  const std::vector<float> before = on_device.arena(trine::nn::kParameters);
  run(trainer, after(4));
  EXPECT_EQ(on_device.arena(trine::nn::kParameters), before);
}

// A parameter need not reach the loss to be lost: the last good checkpoint stays.
TEST(Trainer, StopsAtAParameterThatIsNotFinite) {
  const TemporaryFolder folder;
  const RunFolder files{folder / "run"};
  const Dataset dataset = data();
  DeviceModel on_device = model(config());
  Trainer trainer = Trainer::begin(on_device, dataset, files);
  const auto lose_one = [&, batches = 0]() mutable {
    if (++batches != 6) return false;  // in the second epoch
    std::vector<float> arena = on_device.arena(trine::nn::kParameters);
    const auto* unused = on_device.parameters().find("proj_cosine_l.bias");
    arena[static_cast<std::size_t>(unused->offset)] = std::numeric_limits<float>::infinity();
    on_device.set_arena(trine::nn::kParameters, arena);
    return false;
  };
  EXPECT_THAT(error_of([&] { run(trainer, lose_one); }),
              AllOf(HasSubstr("epoch 2"), HasSubstr("'proj_cosine_l.bias' holds"),
                    HasSubstr("the first inf")));
  EXPECT_EQ(history(files).rows.size(), 1u);
  EXPECT_EQ(dmd::training_state_of(dmd::read_checkpoint(files.last())).epoch, 2);
}

TEST(Trainer, StopsAtALossThatIsNotFinite) {
  const TemporaryFolder folder;
  const RunFolder files{folder / "run"};
  Config two = config();
  two.epochs = 1;
  train(two, files);
  const std::string before = contents_of(files.last());

  dmd::Checkpoint last = dmd::read_checkpoint(files.last());
  last.config->epochs = 2;
  Dataset broken = data();
  std::ranges::fill(broken.train.labels, std::numeric_limits<float>::infinity());
  DeviceModel on_device = model(*last.config);
  Trainer trainer = Trainer::resume(on_device, broken, files, last);
  EXPECT_THAT(error_of([&] { run(trainer); }),
              AllOf(HasSubstr("epoch 2, batch 1: the total loss is"), HasSubstr("learning_rate")));
  EXPECT_EQ(contents_of(files.last()), before);
}

TEST(Trainer, RefusesOtherData) {
  const TemporaryFolder folder;
  const RunFolder files{folder / "run"};
  train(config(), files, after(1));

  Dataset other = data();
  other.train.labels.pop_back();
  const dmd::Checkpoint last = dmd::read_checkpoint(files.last());
  DeviceModel on_device = model(config());
  EXPECT_THAT(error_of([&] { Trainer::resume(on_device, other, files, last); }),
              AllOf(HasSubstr("37/11/6"), HasSubstr("36/11/6"), HasSubstr("its own data")));
}

TEST(Trainer, RefusesAFolderThatHoldsARunOrIsAFile) {
  const TemporaryFolder folder;
  const RunFolder files{folder / "run"};
  train(config(), files, after(1));
  EXPECT_THAT(error_of([&] { train(config(), files); }), HasSubstr("holds a run already"));

  dmd::write_contents(folder / "file", "x");
  EXPECT_THAT(error_of([&] { train(config(), {folder / "file" / "run"}); }),
              HasSubstr("cannot make the folder"));
}

TEST(Trainer, RefusesLabelsOfAnotherTask) {
  const TemporaryFolder folder;
  const RunFolder files{folder / "run"};
  const auto refusal = [&](const Config& config, const Dataset& dataset) {
    DeviceModel on_device = model(config);
    return error_of([&] { Trainer::begin(on_device, dataset, files); });
  };
  Config of_emotions = config();
  of_emotions.task = dmd::Task::emotion;
  EXPECT_EQ(refusal(of_emotions, data()),
            "the train split has labels of another task than emotion: read it with its labels");
  Config of_classes = config();
  of_classes.task = dmd::Task::classification;
  of_classes.classes = {"a", "b"};
  EXPECT_EQ(refusal(of_classes, data()),
            "the train split has labels of another task than classification: read it with its "
            "labels");
  Dataset gap = data();
  gap.valid.labels[3] = std::nanf("");
  EXPECT_EQ(refusal(config(), gap),
            "the valid split has utterances without a label, which nothing is learnt from");
  EXPECT_FALSE(std::filesystem::exists(files.path));
}

}  // namespace
}  // namespace small_run
