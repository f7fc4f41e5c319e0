#include "engine/onnx/formula.h"

#include <array>
#include <cctype>
#include <charconv>
#include <initializer_list>

#include "engine/error.h"

namespace trine::onnx {
namespace {

Formula call(std::string_view name, std::vector<Formula> operands) {
  return {.kind = Formula::Kind::call, .name = std::string(name), .operands = std::move(operands)};
}

// Binary operators from those that bind least; of one level, the longer spelling first.
using Level = std::initializer_list<std::string_view>;
const std::array kLevels{Level{"==", "!="}, Level{"<=", ">=", "<", ">"}, Level{"+", "-"},
                         Level{"*", "/"}};

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text), rest_(text) {}

  Formula run() {
    Formula formula = choice();
    skip_spaces();
    if (!rest_.empty()) fail_here();
    return formula;
  }

 private:
  Formula choice() {
    Formula condition = binary(0);
    if (!take("?")) return condition;
    Formula yes = choice();
    expect(":");
    return call("?:", {std::move(condition), std::move(yes), choice()});
  }

  Formula binary(std::size_t level) {
    if (level == kLevels.size()) return unary();
    Formula left = binary(level + 1);
    for (;;) {
      const std::string_view symbol = take_one_of(kLevels[level]);
      if (symbol.empty()) return left;
      left = call(symbol, {std::move(left), binary(level + 1)});
    }
  }

  Formula unary() {
    if (!take("-")) return primary();
    Formula operand = unary();
    if (operand.kind != Formula::Kind::number) return call("negate", {std::move(operand)});
    operand.number = -operand.number;
    return operand;
  }

  Formula primary() {
    if (take("(")) {
      Formula inner = choice();
      expect(")");
      return inner;
    }
    skip_spaces();
    if (rest_.empty()) fail_here();
    return std::isalpha(static_cast<unsigned char>(rest_.front())) ? named() : number();
  }

  Formula number() {
    Formula formula;
    const auto [end, error] =
        std::from_chars(rest_.data(), rest_.data() + rest_.size(), formula.number);
    if (error != std::errc()) fail_here();
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    if (rest_.starts_with('f')) rest_.remove_prefix(1);
    return formula;
  }

  Formula named() {
    std::size_t length = 0;
    while (length < rest_.size() && std::isalnum(static_cast<unsigned char>(rest_[length])))
      ++length;
    const std::string_view name = rest_.substr(0, length);
    rest_.remove_prefix(length);
    if (take("(")) return call(name, arguments());
    if (name.size() != 1 || name < "x" || name > "z") fail_here();
    return {.kind = Formula::Kind::variable, .variable = name[0] - 'x', .name = {}, .operands = {}};
  }

  std::vector<Formula> arguments() {
    std::vector<Formula> found{choice()};
    while (take(",")) found.push_back(choice());
    expect(")");
    return found;
  }

  void skip_spaces() {
    while (rest_.starts_with(' ')) rest_.remove_prefix(1);
  }

  bool take(std::string_view symbol) {
    skip_spaces();
    if (!rest_.starts_with(symbol)) return false;
    rest_.remove_prefix(symbol.size());
    return true;
  }

  std::string_view take_one_of(Level symbols) {
    for (const std::string_view symbol : symbols)
      if (take(symbol)) return symbol;
    return {};
  }

  void expect(std::string_view symbol) {
    if (!take(symbol)) fail_here();
  }

  [[noreturn]] void fail_here() const {
    fail(
        "ONNX: the elementwise expression '{}' cannot be read at '{}': write it in the forms that "
        "the head of elementwise_table.h lists",
        text_, rest_);
  }

  std::string_view text_, rest_;
};

}  // namespace

Formula parse_formula(std::string_view text) { return Parser(text).run(); }

}  // namespace trine::onnx
