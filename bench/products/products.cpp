// Times one-threaded matrix products at the shapes of DMD and BERT with Eigen, OpenBLAS, oneDNN and
// Trine, alternating between them, and prints a Markdown table of GFLOP/s. The last line is what
// this machine's cores reach together, the peak that a program's share is counted of.
#include <algorithm>
#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <cblas.h>
#include <fmt/format.h>
#include <omp.h>
#include <oneapi/dnnl/dnnl.h>
#include <Eigen/Core>

#include "backends/cpu/kernels/kernels.h"
#include "engine/philox.h"

namespace {

using Clock = std::chrono::steady_clock;

// C (m, n) = A (m, k) B (k, n); where `turned`, A is stored (k, m), as in gradients of weights.
struct Product {
  const char* name;
  int m, n, k;
  bool turned = false;

  double flop() const { return 2.0 * m * n * k; }
};

// clang-format off
const Product kProducts[] = {
    {"DMD fc1", 736, 200, 50},
    {"DMD fc2", 736, 50, 200},
    {"DMD q, k, v", 736, 150, 50},
    {"DMD gradient of fc2's weight", 50, 200, 736, true},
    {"DMD fc1 of a fusing transformer", 736, 400, 100},
    {"DMD its weight's gradient", 100, 400, 736, true},
    {"DMD fc1, one utterance", 46, 200, 50},
    {"BERT q, k, v", 800, 2304, 768},
    {"BERT fc1", 800, 3072, 768},
    {"BERT fc2", 800, 768, 3072},
    {"BERT gradient of fc1's weight", 768, 3072, 800, true},
    {"BERT fc1, one sentence", 50, 3072, 768},
};
// clang-format on
const Product kPeak = {"square", 768, 768, 768};

struct Matrices {
  explicit Matrices(const Product& p)
      : a(filled(p.m * p.k, 1)), b(filled(p.k * p.n, 2)), c(static_cast<std::size_t>(p.m * p.n)) {}

  static std::vector<float> filled(int n, std::uint32_t id) {
    // Trine may read past the end of B's last row.
    std::vector<float> values(static_cast<std::size_t>(n + trine::cpu::kLanes));
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] = trine::random_uniform(1, id, 0, i) - 0.5f;
    return values;
  }

  std::vector<float> a, b, c;
};

using Multiply = void (*)(const Product&, Matrices&);

void by_eigen(const Product& p, Matrices& x) {
  using Matrix = Eigen::Matrix<float, -1, -1, Eigen::RowMajor>;
  const Eigen::Map<const Matrix> b(x.b.data(), p.k, p.n);
  Eigen::Map<Matrix> c(x.c.data(), p.m, p.n);
  if (p.turned)
    c.noalias() = Eigen::Map<const Matrix>(x.a.data(), p.k, p.m).transpose() * b;
  else
    c.noalias() = Eigen::Map<const Matrix>(x.a.data(), p.m, p.k) * b;
}

void by_openblas(const Product& p, Matrices& x) {
  cblas_sgemm(CblasRowMajor, p.turned ? CblasTrans : CblasNoTrans, CblasNoTrans, p.m, p.n, p.k,
              1.0f, x.a.data(), p.turned ? p.m : p.k, x.b.data(), p.n, 0.0f, x.c.data(), p.n);
}

void by_onednn(const Product& p, Matrices& x) {
  dnnl_sgemm(p.turned ? 'T' : 'N', 'N', p.m, p.n, p.k, 1.0f, x.a.data(), p.turned ? p.m : p.k,
             x.b.data(), p.n, 0.0f, x.c.data(), p.n);
}

void by_trine(const Product& p, Matrices& x) {
  trine::cpu::best_kernels().gemm({.a = x.a.data(),
                                   .b = x.b.data(),
                                   .c = x.c.data(),
                                   .m = p.m,
                                   .n = p.n,
                                   .k = p.k,
                                   .a_row = p.turned ? 1 : p.k,
                                   .a_column = p.turned ? p.m : 1,
                                   .b_row = p.n,
                                   .b_column = 1,
                                   .c_row = p.n});
}

struct Library {
  const char* name;
  Multiply multiply;
};

const Library kLibraries[] = {
    {"Eigen", by_eigen}, {"OpenBLAS", by_openblas}, {"oneDNN", by_onednn}, {"Trine", by_trine}};

double gflops_once(const Product& p, Multiply multiply, Matrices& x) {
  const int repeats = std::max(1, static_cast<int>(2e8 / p.flop()));
  const Clock::time_point start = Clock::now();
  for (int i = 0; i < repeats; ++i) multiply(p, x);
  return p.flop() * repeats * 1e-9 / std::chrono::duration<double>(Clock::now() - start).count();
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// Of each library, in rounds in which each has its turn.
std::vector<double> compare(const Product& p, int rounds) {
  Matrices x(p);
  std::vector<std::vector<double>> seen(std::size(kLibraries));
  for (int round = 0; round <= rounds; ++round)
    for (std::size_t i = 0; i < std::size(kLibraries); ++i) {
      const double gflops = gflops_once(p, kLibraries[i].multiply, x);
      if (round > 0) seen[i].push_back(gflops);  // the first warms
    }
  std::vector<double> medians;
  for (std::vector<double>& values : seen) medians.push_back(median(std::move(values)));
  return medians;
}

// The sum over all cores, each with a product of its own, of the best library.
double together(int cores, int rounds) {
  double best = 0;
  for (const Library& library : kLibraries) {
    std::vector<double> sums(static_cast<std::size_t>(cores));
    std::vector<std::thread> threads;
    for (double& sum : sums)
      threads.emplace_back([&library, &sum, rounds] {
        Matrices x(kPeak);
        std::vector<double> seen;
        for (int round = 0; round < rounds; ++round)
          seen.push_back(gflops_once(kPeak, library.multiply, x));
        sum = median(std::move(seen));
      });
    for (std::thread& thread : threads) thread.join();
    double total = 0;
    for (const double sum : sums) total += sum;
    best = std::max(best, total);
  }
  return best;
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::stoi(argv[1]) : 15;
  openblas_set_num_threads(1);
  omp_set_num_threads(1);  // oneDNN's
  std::string heading = "| product | m, n, k |", rule = "|---|---|";
  for (const Library& library : kLibraries) {
    heading += fmt::format(" {} |", library.name);
    rule += "---:|";
  }
  fmt::print("{}\n{}\n", heading, rule);
  std::vector<Product> products(std::begin(kProducts), std::end(kProducts));
  products.push_back(kPeak);
  for (const Product& p : products) {
    std::string line = fmt::format("| {} | {}, {}, {} |", p.name, p.m, p.n, p.k);
    for (const double gflops : compare(p, rounds)) line += fmt::format(" {:.0f} |", gflops);
    fmt::print("{}\n", line);
  }
  const int cores = static_cast<int>(std::thread::hardware_concurrency());
  fmt::print("\npeak of {} cores together: {:.0f} GFLOP/s\n", cores, together(cores, rounds));
  return 0;
}
