// Ridge regression in plain loops: a yardstick for how much of a target linear reading can tell.
#pragma once

#include <cmath>
#include <cstddef>
#include <vector>

namespace dmd {

using Row = std::vector<double>;

// Solves A x = b for a symmetric positive definite A by Cholesky's factors, in place.
inline Row solve(std::vector<Row> a, Row b) {
  const std::size_t n = b.size();
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      for (std::size_t k = 0; k < j; ++k) a[i][j] -= a[i][k] * a[j][k];
      a[i][j] = i == j ? std::sqrt(a[i][i]) : a[i][j] / a[j][j];
    }
    for (std::size_t k = 0; k < i; ++k) b[i] -= a[i][k] * b[k];
    b[i] /= a[i][i];
  }
  for (std::size_t i = n; i-- > 0;) {
    for (std::size_t k = i + 1; k < n; ++k) b[i] -= a[k][i] * b[k];
    b[i] /= a[i][i];
  }
  return b;
}

// Weights w that least (Xw - y)² + penalty |w|² have; give X a column of ones for an intercept.
inline Row ridge(const std::vector<Row>& x, const Row& y, double penalty) {
  const std::size_t width = x.front().size();
  std::vector<Row> gram(width, Row(width));
  Row moments(width);
  for (std::size_t r = 0; r < x.size(); ++r) {
    for (std::size_t i = 0; i < width; ++i) {
      moments[i] += x[r][i] * y[r];
      for (std::size_t j = 0; j < width; ++j) gram[i][j] += x[r][i] * x[r][j];
    }
  }
  for (std::size_t i = 0; i < width; ++i) gram[i][i] += penalty;
  return solve(gram, moments);
}

inline double dot(const Row& a, const Row& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

}  // namespace dmd
