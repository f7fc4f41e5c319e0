#include "backends/cpu/tiles.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "engine/error.h"
#include "engine/ops/elementwise.h"

namespace trine::cpu {
namespace {

// Expressions are bounded by the fusion pass; this leaves room.
constexpr std::size_t kMaxRegisters = 96;

// Walks elements linear .. linear + n - 1 of a strided window as runs along its last dimension.
template <class Run>
void for_each_run(const Shape& shape, const Strides& strides, std::int64_t linear, std::int64_t n,
                  Run run) {
  const int rank = shape.rank();
  if (rank == 0) {
    run(0, 0, 0, 1);
    return;
  }
  std::array<std::int64_t, kMaxRank> index{};
  std::int64_t rest = linear, at = 0;
  for (int d = rank - 1; d >= 0; --d) {
    index[static_cast<std::size_t>(d)] = rest % shape[d];
    rest /= shape[d];
    at += index[static_cast<std::size_t>(d)] * strides[d];
  }
  const std::int64_t inner = shape[rank - 1], step = strides[rank - 1];
  std::int64_t done = 0;
  std::int64_t column = index[static_cast<std::size_t>(rank - 1)];
  while (true) {
    const std::int64_t length = std::min(inner - column, n - done);
    run(done, at, step, length);
    done += length;
    if (done == n) return;
    at -= column * step;
    column = 0;
    for (int d = rank - 2; d >= 0; --d) {
      std::int64_t& i = index[static_cast<std::size_t>(d)];
      at += strides[d];
      if (++i < shape[d]) break;
      at -= i * strides[d];
      i = 0;
    }
  }
}

std::int32_t as_int(float word) { return std::bit_cast<std::int32_t>(word); }

void integers_to_floats(float* words, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) words[i] = static_cast<float>(as_int(words[i]));
}

void floats_to_integers(float* words, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i)
    words[i] = std::bit_cast<float>(static_cast<std::int32_t>(words[i]));
}

bool all_zero(const Strides& strides) {
  return std::all_of(strides.begin(), strides.end(), [](std::int64_t s) { return s == 0; });
}

}  // namespace

void gather_elements(float* to, const float* base, const Shape& shape, const Strides& strides,
                     std::int64_t linear, std::int64_t n) {
  for_each_run(shape, strides, linear, n,
               [&](std::int64_t done, std::int64_t at, std::int64_t step, std::int64_t length) {
                 float* out = to + done;
                 const float* in = base + at;
                 if (step == 1)
                   for (std::int64_t i = 0; i < length; ++i) out[i] = in[i];
                 else if (step == 0)
                   std::fill(out, out + length, *in);
                 else
                   for (std::int64_t i = 0; i < length; ++i) out[i] = in[i * step];
               });
}

void scatter_elements(float* base, const float* from, const Shape& shape, const Strides& strides,
                      std::int64_t linear, std::int64_t n) {
  for_each_run(shape, strides, linear, n,
               [&](std::int64_t done, std::int64_t at, std::int64_t step, std::int64_t length) {
                 const float* in = from + done;
                 float* out = base + at;
                 if (step == 1)
                   for (std::int64_t i = 0; i < length; ++i) out[i] = in[i];
                 else
                   for (std::int64_t i = 0; i < length; ++i) out[i * step] = in[i];
               });
}

Tiles::Tiles(const Kernels& kernels, const Expression& expression,
             std::span<const std::uint32_t> scalars, const Shape& domain,
             std::vector<TileOperand> inputs, std::vector<TileOperand> outputs)
    : kernels_(kernels), domain_(domain) {
  if (inputs.size() + expression.instrs.size() > kMaxRegisters)
    fail("cpu: an expression of {} registers is longer than the {} that fit",
         inputs.size() + expression.instrs.size(), kMaxRegisters);
  auto access_of = [&](const TileOperand& operand) {
    if (is_dense(domain, operand.strides)) return Access::dense;
    return all_zero(operand.strides) ? Access::repeated : Access::strided;
  };
  for (const TileOperand& operand : inputs) inputs_.push_back({operand, access_of(operand), -1});
  for (const Instr& instr : expression.instrs)
    ops_.push_back({instr, instr.fn ? kernels.rows[instr.fn->index] : nullptr,
                    instr.scalar >= 0 ? scalars[static_cast<std::size_t>(instr.scalar)] : 0, -1,
                    -1});
  for (std::size_t k = 0; k < outputs.size(); ++k)
    outputs_.push_back({outputs[k], access_of(outputs[k]), expression.outputs[k]});
  if (outputs.empty() && !expression.outputs.empty())  // evaluate() alone will be called
    outputs_.push_back({{}, Access::strided, expression.outputs[0]});
  choose_direct_output();
  allocate_slots();

  // Walk as few dimensions as all operands allow.
  std::vector<Strides> strides;
  for (const Input& input : inputs_) strides.push_back(input.operand.strides);
  for (const TileOperand& output : outputs) strides.push_back(output.strides);
  collapse(domain_, strides);
  for (std::size_t k = 0; k < inputs_.size(); ++k) inputs_[k].operand.strides = strides[k];
  for (std::size_t k = 0; k < outputs.size(); ++k)
    outputs_[k].operand.strides = strides[inputs_.size() + k];
}

// The last instruction may write its output in place, unless an operand that is read in place is
// stored after it: their memory may be the same.
void Tiles::choose_direct_output() {
  const bool stores_operand = std::any_of(outputs_.begin(), outputs_.end(), [&](const Output& o) {
    return o.reg < static_cast<int>(inputs_.size());
  });
  if (ops_.empty() || stores_operand || ops_.back().instr.kind == InstrKind::constant) return;
  const int last = static_cast<int>(inputs_.size() + ops_.size()) - 1;
  for (std::size_t k = 0; k < outputs_.size(); ++k)
    if (outputs_[k].reg == last && outputs_[k].access == Access::dense &&
        outputs_[k].operand.dtype == DType::f32 && ops_.back().direct < 0)
      ops_.back().direct = static_cast<int>(k);
}

// Gathered operands and constants keep a tile each; results share tiles by their lives.
void Tiles::allocate_slots() {
  for (Input& input : inputs_)
    if (input.access != Access::dense || input.operand.dtype == DType::i32) input.slot = slots_++;
  const int first = static_cast<int>(inputs_.size());
  std::vector<int> last_use(inputs_.size() + ops_.size(), -1);
  for (std::size_t k = 0; k < ops_.size(); ++k)
    for (int a = 0; a < 3; ++a)
      if (ops_[k].instr.kind == InstrKind::apply && ops_[k].instr.args[a] >= 0)
        last_use[static_cast<std::size_t>(ops_[k].instr.args[a])] = static_cast<int>(k);
  for (const Output& output : outputs_)
    last_use[static_cast<std::size_t>(output.reg)] = static_cast<int>(ops_.size());
  std::vector<int> free_slots;
  for (std::size_t k = 0; k < ops_.size(); ++k) {
    Op& op = ops_[k];
    // An operand that ends here may give its tile to the result: rows work in place.
    for (std::size_t j = 0; j < k; ++j)
      if (last_use[static_cast<std::size_t>(first) + j] == static_cast<int>(k) &&
          ops_[j].instr.kind != InstrKind::constant &&
          std::find(free_slots.begin(), free_slots.end(), ops_[j].slot) == free_slots.end())
        free_slots.push_back(ops_[j].slot);
    if (op.instr.kind == InstrKind::constant) {
      op.slot = static_cast<int>(constants_.size() / kTile);
      constants_.insert(constants_.end(), kTile, std::bit_cast<float>(op.scalar));
    } else if (free_slots.empty()) {
      op.slot = slots_++;
    } else {
      op.slot = free_slots.back();
      free_slots.pop_back();
    }
  }
}

// Operands that repeat one element: the same in every tile, but not in every run.
void Tiles::fill_repeated(const TaskContext& context) const {
  for (const Input& input : inputs_) {
    if (input.access != Access::repeated) continue;
    const float word = *input.operand.base;
    const float value = input.operand.dtype == DType::f32 ? word : static_cast<float>(as_int(word));
    float* tile = context.scratch + input.slot * kTile;
    std::fill(tile, tile + kTile, value);
  }
}

void Tiles::evaluate_tile(std::int64_t begin, std::int64_t n, const TaskContext& context,
                          const float** registers, bool storing) const {
  std::size_t r = 0;
  for (const Input& input : inputs_) {
    if (input.slot < 0) {
      registers[r++] = input.operand.base + begin;
      continue;
    }
    float* tile = context.scratch + input.slot * kTile;
    if (input.access != Access::repeated) {
      gather_elements(tile, input.operand.base, domain_, input.operand.strides, begin, n);
      if (input.operand.dtype == DType::i32) integers_to_floats(tile, n);
    }
    registers[r++] = tile;
  }
  for (const Op& op : ops_) {
    if (op.instr.kind == InstrKind::constant) {
      registers[r++] = constants_.data() + op.slot * kTile;
      continue;
    }
    float* tile = context.scratch + op.slot * kTile;
    if (storing && op.direct >= 0)
      tile = outputs_[static_cast<std::size_t>(op.direct)].operand.base + begin;
    if (op.instr.kind == InstrKind::random) {
      kernels_.uniform(tile, context.params.seed, op.scalar, context.params.step,
                       static_cast<std::uint64_t>(begin), n);
    } else if (op.instr.kind == InstrKind::apply) {
      auto arg = [&](int k) {
        return op.instr.args[k] < 0 ? nullptr : registers[op.instr.args[k]];
      };
      op.kernel(tile, arg(0), arg(1), arg(2), n);
    }
    registers[r++] = tile;
  }
}

void Tiles::run(std::int64_t begin, std::int64_t end, const TaskContext& context) const {
  const float* registers[kMaxRegisters];
  fill_repeated(context);
  for (std::int64_t at = begin; at < end; at += kTile) {
    const std::int64_t n = std::min(kTile, end - at);
    evaluate_tile(at, n, context, registers, true);
    for (const Output& output : outputs_) {
      const float* value = registers[output.reg];
      if (output.access == Access::dense && output.operand.dtype == DType::f32) {
        float* to = output.operand.base + at;
        if (to != value) std::memmove(to, value, static_cast<std::size_t>(n) * sizeof(float));
        continue;
      }
      float converted[kTile];
      if (output.operand.dtype == DType::i32) {
        std::copy(value, value + n, converted);
        floats_to_integers(converted, n);
        value = converted;
      }
      scatter_elements(output.operand.base, value, domain_, output.operand.strides, at, n);
    }
  }
}

const float* Tiles::evaluate(std::int64_t begin, std::int64_t end,
                             const TaskContext& context) const {
  const float* registers[kMaxRegisters];
  fill_repeated(context);
  evaluate_tile(begin, end - begin, context, registers, false);
  return registers[outputs_[0].reg];
}

}  // namespace trine::cpu
