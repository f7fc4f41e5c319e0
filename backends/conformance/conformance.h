// The conformance suite: generated from the samples of every op, run on any device, compared with
// the ops' double-precision references. `dmd conformance` and the tests run the same code.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "backends/backend.h"

namespace trine {

struct ConformanceOptions {
  std::string filter = "*";   // glob over "op/sample"
  bool forward = true;        // values of the op
  bool gradient = true;       // values of its gradient graph, with random cotangents
  bool support_only = false;  // compile, do not run
};

struct ConformanceCase {
  std::string name;  // "softmax/causal"
  std::string what;  // "forward plain", "gradient fused", ...
  bool passed = false;
  double error = 0;     // largest |difference| / tolerance; above 1 fails
  std::string message;  // why it failed
};

using BackendFactory = std::function<std::unique_ptr<Backend>()>;

// Every sample in every mode: plain (all passes off), fused (all on), and batched (two members of
// other values in one program); each program is replayed three times with other inputs and steps.
// Then, as a case of its own ("forward plain, not finite"), it runs with NaN, infinity and
// -infinity in some places of one f32 input after the other: they must come out where the reference
// has them, and what is finite there must be right. Left out are samples that turn f32 into
// integers, which have no NaN. `report` is called after each case.
std::vector<ConformanceCase> run_conformance(
    const BackendFactory& open, const ConformanceOptions& options,
    const std::function<void(const ConformanceCase&)>& report = {});

// Shell-style match with * and ?.
bool glob_match(std::string_view pattern, std::string_view text);

}  // namespace trine
