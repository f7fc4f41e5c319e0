// The body of an elementwise kernel: straight-line code over f32 registers. It is the one form
// that passes build, the CPU interprets over tiles, and printers turn into GLSL and CUDA C.
//
// Registers 0 .. inputs-1 hold the operands at the current index; instruction k writes register
// inputs + k. i32 operands convert to f32 on load and f32 results truncate to i32 on store, except
// that an expression without instructions copies words of equal type unchanged.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace trine {

struct ElementwiseFn;  // a row of the elementwise table, engine/ops/elementwise.h

enum class InstrKind : std::uint8_t {
  apply,     // row `fn` on the argument registers
  constant,  // scalar `scalar` of the member, as f32
  random,    // uniform in [0, 1): op id = bits of scalar `scalar`, element = linear index
};

struct Instr {
  InstrKind kind = InstrKind::apply;
  const ElementwiseFn* fn = nullptr;
  std::int16_t args[3] = {-1, -1, -1};
  std::int16_t scalar = -1;

  friend bool operator==(const Instr&, const Instr&) = default;
};

// Scalars (constants, random ids) are not part of the expression: they stand in the member table,
// so that members which differ only in a rate or an id share one kernel.
struct Expression {
  int inputs = 0;
  int scalars = 0;
  std::vector<Instr> instrs;
  std::vector<int> outputs;  // registers that are stored, one for each output operand

  bool empty() const { return outputs.empty(); }
  bool is_copy() const { return instrs.empty() && inputs == 1 && outputs.size() == 1; }

  friend bool operator==(const Expression&, const Expression&) = default;
};

// A scalar of a member: an f32 or the bits of a u32.
std::uint32_t scalar_bits(float value);

class ExpressionBuilder {
 public:
  explicit ExpressionBuilder(int inputs) { expression_.inputs = inputs; }

  int apply(const ElementwiseFn& fn, std::span<const int> args);
  int constant(float value);
  int random(std::uint32_t op_id);
  void store(int reg) { expression_.outputs.push_back(reg); }

  const Expression& expression() const { return expression_; }
  // Values of the scalars in the order of their slots.
  const std::vector<std::uint32_t>& scalars() const { return scalars_; }

 private:
  int push(Instr instr);
  std::int16_t scalar(std::uint32_t bits);

  Expression expression_;
  std::vector<std::uint32_t> scalars_;
};

// "r2 = mul(r0, r1); r3 = s0; r4 = add(r2, r3); store r4"
std::string to_string(const Expression& expression);

}  // namespace trine
