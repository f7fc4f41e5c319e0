#include "dmd/data/classes.h"

#include <cmath>

#include <gmock/gmock.h>

#include "dmd/data/labelled.h"
#include "tests/support/errors.h"

namespace dmd {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using Names = std::vector<std::string>;

Split split_of(Names classes) {
  Split split;
  split.labels.assign(classes.size(), std::nanf(""));
  split.ids = split.raw_text = classes;
  split.classes = std::move(classes);
  return split;
}

Dataset data_of(Names train, Names valid, Names test) {
  return {.source = "mine.pkl",
          .train = split_of(std::move(train)),
          .valid = split_of(std::move(valid)),
          .test = split_of(std::move(test)),
          .notes = {}};
}

Config of_classes(Names classes = {}) {
  Config config;
  config.task = Task::classification;
  config.classes = std::move(classes);
  return config;
}

TEST(Classes, AreSortedByNumberOrByName) {
  EXPECT_THAT(classes_of(split_of({"sad", "happy", "sad", "", "angry"})),
              ElementsAre("angry", "happy", "sad"));
  EXPECT_THAT(classes_of(split_of({"10", "2", "-1", "2"})), ElementsAre("-1", "2", "10"));
  EXPECT_THAT(classes_of(split_of({"10", "2", "b"})), ElementsAre("10", "2", "b"));
}

TEST(Classes, AreTakenFromTheTrainingSplit) {
  const Dataset data = data_of({"b", "a", "b"}, {"a"}, {"b"});
  EXPECT_THAT(with_classes(of_classes(), data).classes, ElementsAre("a", "b"));
  EXPECT_THAT(with_classes(of_classes({"b", "a"}), data).classes, ElementsAre("b", "a"));
  EXPECT_THAT(with_classes(Config{}, data).classes, ElementsAre());
}

TEST(Classes, ThatCannotBeLearntAreRefused) {
  const auto refusal = [](const Config& config, const Dataset& data) {
    return error_of([&] { with_classes(config, data); });
  };
  EXPECT_EQ(refusal(of_classes(), data_of({"a", "a"}, {"a"}, {"a"})),
            "mine.pkl: every utterance of train is of the class 'a', and a classification needs at "
            "least two");
  EXPECT_EQ(refusal(of_classes(), data_of({"a", "b"}, {"a"}, {"c", "b", "c"})),
            "mine.pkl: the class 'c' is in test (2 utterances) and is none of those that are "
            "trained, a, b: leave these utterances out, or split the data anew");
  EXPECT_EQ(refusal(of_classes({"a", "b", "d"}), data_of({"a", "b"}, {"a"}, {"a"})),
            "mine.pkl: no utterance of train is of the class 'd', and the classes are a, b, d");
  EXPECT_THAT(refusal(of_classes({"a", "b"}), data_of({"a", "b", "c"}, {"a"}, {"a"})),
              EndsWith("the class 'c' is in train (1 utterances) and is none of those that are "
                       "trained, a, b: leave these utterances out, or split the data anew"));
}

TEST(Classes, BecomeTheirNumbers) {
  Split split = split_of({"b", "a", "", "c"});
  number_classes(split, of_classes({"a", "b"}));
  EXPECT_EQ(split.labels[0], 1);
  EXPECT_EQ(split.labels[1], 0);
  EXPECT_TRUE(std::isnan(split.labels[2]));
  EXPECT_TRUE(std::isnan(split.labels[3]));
  EXPECT_EQ(count_unlabelled(split), 1);  // a class that the model does not know is a label
  EXPECT_EQ(labelled_part(split).classes, (Names{"b", "a", "c"}));
  EXPECT_EQ(error_of([&] {
              check_classes(split, of_classes({"a", "b"}), "the test split of x");
            }),
            "the test split of x has the class 'c' (1 utterances), and the model's classes are a, "
            "b: score it on data with its classes");
}

}  // namespace
}  // namespace dmd
