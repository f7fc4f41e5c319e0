// Runs one small program on the cpu device through the installed library. Exit status 0 when the
// result is right.
#include <cstdio>
#include <exception>
#include <vector>

#include "backends/registry.h"
#include "backends/session.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/matmul.h"
#include "engine/ops/reduce.h"
#include "engine/ops/state.h"
#include "engine/passes/autodiff.h"

namespace {

// d/dx of the sum of (x y)^2 is 2 (x y) y'.
std::vector<float> gradient_on_cpu() {
  trine::Graph graph;
  const trine::Tensor x = input(graph, "x", {trine::DType::f32, {1, 2}});
  const trine::Tensor y = literal(graph, {2, 2}, {1, 2, 3, 4});
  const trine::Tensor loss = sum(square(matmul(x, y)));
  graph.fetch("gradient", gradients(loss, std::vector{x}).front());

  trine::Session session(trine::open_device("cpu"));
  trine::Executable program = session.compile(graph, "consumer");
  program.feed("x", std::vector{1.0f, -1.0f});
  program.run({});
  return program.fetch("gradient");
}

}  // namespace

int main() {
  try {
    // x y = (-2, -2), so the gradient is -4 (1 + 2), -4 (3 + 4).
    const std::vector<float> gradient = gradient_on_cpu();
    std::printf("gradient %g %g\n", gradient.at(0), gradient.at(1));
    return gradient == std::vector{-12.0f, -28.0f} ? 0 : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
