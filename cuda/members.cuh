// What a launch reads besides tensors: plain structs that the host fills and the kernels index.
//
// A program has one table in device memory. A launch covers all members of a step: its records lie
// side by side in the table, and another array there names each block's record. Records are aligned
// so that a thread reads one in few loads. Offsets and strides count elements and fit an int, which
// the host checks.
#pragma once

#include "cuda/global.cuh"

namespace trine::cuda {

constexpr int kMaxDims = 6;
constexpr int kMaxRegisters = 96;  // of an interpreted expression
constexpr int kMaxStores = 8;

constexpr int kElementsPerThread = 4;  // of elementwise kernels
constexpr int kThreads = 256;          // of a block in every kernel but attention
constexpr int kAttentionThreads = 64;
constexpr int kWarp = 32;

// A strided operand. Integers convert to float on load and truncate on store.
struct alignas(16) Window {
  Global<float> data;
  int is_integer;
  int strides[kMaxDims];
};

// An extent, and what divides by it with one multiplication (cuda/expression.cuh).
struct Divisor {
  int extent;
  unsigned multiplier;
  int shift;
};

// Extents of an index space, outermost first.
struct Domain {
  int rank;
  Divisor axes[kMaxDims];
};

// The operands and scalars of an expression over one index space; byte offsets into the table.
struct alignas(16) Points {
  Domain domain;
  int inputs, outputs;  // arrays of Window
  int scalars;          // array of 32-bit words
};

struct alignas(16) ElementwiseMember {
  int first_block;
  int count;
  Points points;
};

// c (batch, m, n) = a (batch, m, k) x b (batch, k, n), handed element by element to the expression.
struct alignas(16) MatmulMember {
  int first_block;
  int m, n, k;
  int tiles_m, tiles_n;
  Global<const float> a, b;
  int a_row, a_column, b_row, b_column;
  Domain batch;
  int a_batch[kMaxDims], b_batch[kMaxDims];
  Points points;
};

// The index space that is reduced, seen as (outer, reduced, inner); result r = outer * inner + c.
// A block makes `width` results with `lanes` threads each.
struct alignas(16) ReduceMember {
  int first_block;
  int results, reduced, inner;
  int width, lanes;
  int lanes_adjacent;            // neighbouring threads share a result, else neighbouring results
  int segments, segment_length;  // of the reduced elements; one segment makes final results
  Global<float> partials;        // (segments, results) where there are several
  Domain domain;                 // of the prologue's operands, in the order above
  int inputs;                    // windows over that domain
  int scalars;                   // of the prologue
  Points points;                 // of what follows
};

struct alignas(16) SoftmaxMember {
  int first_block;
  int rows, width;
  int queries;  // rows of one matrix; row r sees columns up to r % queries + visible
  int visible;
  Global<const float> x;
  Global<float> out;
};

struct alignas(16) SparsemaxMember {
  int first_block;
  int rows, width;
  Global<const float> x;
  Global<float> out;
};

struct alignas(16) LayerNormMember {
  int first_block;
  int rows, width;
  float epsilon;
  Global<const float> x, gamma, beta;
  Global<float> out, mean, rstd;
};

struct alignas(16) LayerNormGradMember {
  int first_block;
  int rows, width;
  Global<const float> x, gamma, mean, rstd, g;
  Points points;
};

// One of q, k, v: (batch, steps, heads, width) with contiguous rows of `width`.
struct Heads {
  Global<const float> data;
  int batch, step, head;  // strides
};

struct alignas(16) AttentionMember {
  int first_block;
  int batch, heads, queries, keys, width;
  int query_blocks, key_blocks;  // a head's blocks; key blocks in the gradient only
  int visible;                   // query i sees keys below i + visible
  float scale, rate;
  unsigned id;  // of the dropout draws
  Heads q, k, v;
  Global<const float> mask;       // (batch, keys) or null
  Global<float> out, statistics;  // in the gradient: what the forward pass left
  Global<const float> g;
  Global<float> dq, dk, dv;
};

struct alignas(16) GatherMember {
  int first_block;
  int count, width, rows;
  Global<const int> index;
  Global<const unsigned> table;
  Global<unsigned> out;
};

struct alignas(16) ScatterAddMember {
  int first_block;
  int count;    // of the output
  int updates;  // rows of updates
  int width, rows;
  Global<const int> index;
  Global<const float> from;
  Global<float> out;
};

struct alignas(16) SpreadMember {
  int first_block;
  int count;
  int inner, extent;         // the output as (outer, extent, inner)
  int start, every, length;  // input position p lands at start + p * every
  Domain domain;             // of the input
  int strides[kMaxDims];
  Global<const unsigned> x;
  Global<unsigned> out;
};

// One instruction of an interpreted expression: a row of the elementwise table, or one of these.
constexpr int kConstant = -1;
constexpr int kRandom = -2;

struct Instruction {
  short row;
  short args[3];
  short scalar;
};

// An expression in the form that the interpreter reads; generated kernels ignore it.
struct Code {
  int instructions;  // byte offset into the table
  int count;
  int inputs;  // registers loaded first
  int outputs;
  int stores[kMaxStores];  // registers
};

struct LaunchArgs {
  const unsigned char* table;
  int members;           // byte offset of the first record
  int count;             // of records
  int owners;            // byte offset of the blocks' record numbers (int); several records only
  const unsigned* step;  // RunWords of this run
  Code prologue, body;
};

}  // namespace trine::cuda
