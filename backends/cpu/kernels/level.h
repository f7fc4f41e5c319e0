// Included first by every kernel source: puts it into the namespace of the level it is compiled
// for.
#pragma once

#include "backends/cpu/kernels/kernels.h"

#ifndef TRINE_CPU_NAMESPACE
#error "kernel sources are compiled once a level, with TRINE_CPU_NAMESPACE set by CMake"
#endif

// Eigen is all inline templates; a namespace of its own for each level keeps the copies apart.
#define TRINE_CONCAT_(a, b) a##b
#define TRINE_CONCAT(a, b) TRINE_CONCAT_(a, b)
#define Eigen TRINE_CONCAT(Eigen_, TRINE_CPU_NAMESPACE)

namespace trine::cpu::TRINE_CPU_NAMESPACE {

// Defined in the sources of this folder, collected in table.cpp.
extern const RowKernel kRows[];
void uniform(float* out, std::uint64_t seed, std::uint32_t id, std::uint32_t step,
             std::uint64_t first, std::int64_t n);
void gemm(const GemmArgs& args);
void packed_gemm(const GemmArgs& args, const PackedLeft& left, const PackedRight& right,
                 float* scratch);
void pack_left(float* to, const GemmArgs& args, std::int64_t row, std::int64_t row_end);
void pack_right(float* to, const GemmArgs& args, std::int64_t column, std::int64_t column_end);
void transpose_matrix(float* to, const float* from, std::int64_t rows, std::int64_t columns,
                      std::int64_t from_row, std::int64_t to_row);
float row_sum(const float* x, std::int64_t n);
float row_max(const float* x, std::int64_t n);
void add_into(float* total, const float* x, std::int64_t n);
void max_into(float* total, const float* x, std::int64_t n);
void softmax(float* out, const float* x, std::int64_t visible, std::int64_t n);
void log_softmax(float* out, const float* x, std::int64_t n);
void sparsemax(float* out, const float* x, std::int64_t n);
void layer_norm(float* out, float* mean, float* rstd, const float* x, const float* gamma,
                const float* beta, std::int64_t n, float epsilon);
void layer_norm_grad(float* dx, const float* x, const float* gamma, float mean, float rstd,
                     const float* g, std::int64_t n);
void attention(const AttentionArgs& args, float* out, float* statistics);
void attention_grad(const AttentionArgs& args, const AttentionGradArgs& grad);
void wide_attention(const AttentionArgs& args, float* out, float* statistics);
void wide_attention_grad(const AttentionArgs& args, const AttentionGradArgs& grad);
// The same of queries first .. first + rows - 1, and of a whole head, where something is not
// finite.
void careful_attention(const AttentionArgs& args, std::int64_t first, std::int64_t rows, float* out,
                       float* statistics);
void careful_attention_grad(const AttentionArgs& args, const AttentionGradArgs& grad);
// Whether n rows, `row` apart, hold neither NaN nor infinities.
bool rows_finite(const float* rows, std::int64_t n, std::int64_t row, std::int64_t width);

}  // namespace trine::cpu::TRINE_CPU_NAMESPACE
