// What a launch reads besides tensors: plain structs that the host fills and the kernels index.
//
// A program has one table in device memory. A launch covers all members of a step: its records lie
// side by side in the table, ordered by their first block, and each block finds its record there.
// Offsets and strides count elements and fit an int, which the host checks.
#pragma once

namespace trine::cuda {

constexpr int kMaxDims = 6;
constexpr int kMaxRegisters = 96;  // of an interpreted expression
constexpr int kMaxStores = 8;

// Threads of a block in every kernel but attention.
constexpr int kThreads = 256;
constexpr int kElementsPerThread = 4;  // of elementwise kernels
constexpr int kAttentionThreads = 64;
constexpr int kWarp = 32;

// A strided operand. Integers convert to float on load and truncate on store.
struct Window {
  float* data;
  int is_integer;
  int strides[kMaxDims];
};

// Extents of an index space, outermost first.
struct Domain {
  int rank;
  int extents[kMaxDims];
};

// The operands and scalars of an expression over one index space; byte offsets into the table.
struct Points {
  Domain domain;
  int inputs, outputs;  // arrays of Window
  int scalars;          // array of 32-bit words
};

struct ElementwiseMember {
  int first_block;
  int count;
  Points points;
};

// c (batch, m, n) = a (batch, m, k) x b (batch, k, n), handed element by element to the expression.
struct MatmulMember {
  int first_block;
  int m, n, k;
  int tiles_m, tiles_n;
  const float *a, *b;
  int a_row, a_column, b_row, b_column;
  Domain batch;
  int a_batch[kMaxDims], b_batch[kMaxDims];
  Points points;
};

// The index space that is reduced, seen as (outer, reduced, inner); result r = outer * inner + c.
// A block makes `width` results with `lanes` threads each.
struct ReduceMember {
  int first_block;
  int results, reduced, inner;
  int width, lanes;
  int lanes_adjacent;            // neighbouring threads share a result, else neighbouring results
  int segments, segment_length;  // of the reduced elements; one segment makes final results
  float* partials;               // (segments, results) where there are several
  Domain domain;                 // of the prologue's operands, in the order above
  int inputs;                    // windows over that domain
  int scalars;                   // of the prologue
  Points points;                 // of what follows
};

struct SoftmaxMember {
  int first_block;
  int rows, width;
  int queries;  // rows of one matrix; row r sees columns up to r % queries + visible
  int visible;
  const float* x;
  float* out;
};

struct LayerNormMember {
  int first_block;
  int rows, width;
  float epsilon;
  const float *x, *gamma, *beta;
  float *out, *mean, *rstd;
};

struct LayerNormGradMember {
  int first_block;
  int rows, width;
  const float *x, *gamma, *mean, *rstd, *g;
  Points points;
};

// One of q, k, v: (batch, steps, heads, width) with contiguous rows of `width`.
struct Heads {
  const float* data;
  int batch, step, head;  // strides
};

struct AttentionMember {
  int first_block;
  int batch, heads, queries, keys, width;
  int query_blocks, key_blocks;  // a head's blocks; key blocks in the gradient only
  int visible;                   // query i sees keys below i + visible
  float scale, rate;
  unsigned id;  // of the dropout draws
  Heads q, k, v;
  const float* mask;        // (batch, keys) or null
  float *out, *statistics;  // in the gradient: what the forward pass left
  const float* g;
  float *dq, *dk, *dv;
};

struct GatherMember {
  int first_block;
  int count, width, rows;
  const int* index;
  const unsigned* table;
  unsigned* out;
};

struct ScatterAddMember {
  int first_block;
  int count;    // of the output
  int updates;  // rows of updates
  int width, rows;
  const int* index;
  const float* from;
  float* out;
};

struct SpreadMember {
  int first_block;
  int count;
  int inner, extent;         // the output as (outer, extent, inner)
  int start, every, length;  // input position p lands at start + p * every
  Domain domain;             // of the input
  int strides[kMaxDims];
  const unsigned* x;
  unsigned* out;
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
  const unsigned* step;  // StepWords of this run
  Code prologue, body;
};

}  // namespace trine::cuda
