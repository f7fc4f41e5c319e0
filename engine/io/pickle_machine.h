// The stack machine that a pickle is a program for.
#pragma once

#include <unordered_map>
#include <vector>

#include "engine/io/byte_cursor.h"
#include "engine/io/pickle.h"

namespace trine::io::pickle {

class Machine {
 public:
  // Built values go to `store`; all three outlive the machine.
  Machine(const SharedBytes& bytes, const Vocabulary& vocabulary, Store& store);

  // Runs to the STOP opcode and gives what is on the stack. Throws Error with a clause; the opcode
  // at fault begins at byte `position`.
  const Value& run();
  std::size_t position() const { return opcode_at_; }

 private:
  // Each handles one kind of opcode and returns false where the opcode is of another kind.
  bool push_constant(std::uint8_t code);
  bool push_number(std::uint8_t code);
  bool push_text(std::uint8_t code);
  bool push_bytes(std::uint8_t code);
  bool build_collection(std::uint8_t code);
  bool build_tuple(std::uint8_t code);
  bool use_memo(std::uint8_t code);
  bool use_stack(std::uint8_t code);
  bool use_global(std::uint8_t code);
  bool use_object(std::uint8_t code);
  bool skip_frame(std::uint8_t code);

  void push(Value* value) { stack_.push_back(value); }
  void push_new(Value::Data data) { push(store_.add(std::move(data))); }
  void push_opaque(std::string what);
  void push_string(std::uint64_t length);
  void push_byte_string(std::uint64_t length);
  void push_long(std::uint64_t length);
  void push_global(std::string_view module, std::string_view name);
  void push_list(List::Kind kind, std::vector<const Value*> items);

  Value* pop();
  Value* top();
  std::size_t floor() const { return marks_.empty() ? 0 : marks_.back(); }
  std::vector<const Value*> pop_to_mark();

  void append_to_top(const std::vector<const Value*>& items);
  void set_items_of_top(const std::vector<const Value*>& keys_and_values);
  void remember(std::uint32_t index);
  void recall(std::uint32_t index);
  void reduce();
  void build();

  const SharedBytes& bytes_;
  const Vocabulary& vocabulary_;
  Store& store_;
  ByteCursor cursor_;
  std::size_t opcode_at_ = 0;
  std::vector<Value*> stack_;
  std::vector<std::size_t> marks_;  // heights of the stack
  std::unordered_map<std::uint32_t, Value*> memo_;
  Value *none_, *true_, *false_;  // one of each is enough: they cannot change
};

}  // namespace trine::io::pickle
