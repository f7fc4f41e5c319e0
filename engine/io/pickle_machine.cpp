#include "engine/io/pickle_machine.h"

#include "engine/io/pickle_numpy.h"
#include "engine/io/pickle_opcodes.h"
#include "engine/io/utf8.h"

namespace trine::io::pickle {
namespace {

// What the memo takes for an entry, about.
constexpr std::size_t kMemoBytes = 64;

[[noreturn]] void refuse(std::uint8_t code) {
  constexpr std::string_view kOldProtocols = "FILSVPgip";
  if (kOldProtocols.find(static_cast<char>(code)) != std::string_view::npos) {
    fail("it uses the opcode '{}' of pickle protocols 0 and 1: save it again with protocol 4",
         static_cast<char>(code));
  }
  if (code == kNextBuffer) fail("it refers to a buffer outside the file, which cannot be found");
  fail("it uses the opcode 0x{:02x}, which is not known here", code);
}

}  // namespace

Machine::Machine(const SharedBytes& bytes, const Vocabulary& vocabulary, Store& store)
    : bytes_(bytes),
      vocabulary_(vocabulary),
      store_(store),
      cursor_(bytes.view),
      none_(store.add(None{})),
      true_(store.add(true)),
      false_(store.add(false)) {}

const Value& Machine::run() {
  for (;;) {
    opcode_at_ = cursor_.position();
    const auto code = cursor_.little_endian<std::uint8_t>();
    if (code == kStop) return *pop();
    const bool known = push_constant(code) || push_number(code) || push_text(code) ||
                       push_bytes(code) || build_collection(code) || build_tuple(code) ||
                       use_memo(code) || use_stack(code) || use_global(code) || use_object(code) ||
                       skip_frame(code);
    if (!known) refuse(code);
  }
}

bool Machine::push_constant(std::uint8_t code) {
  switch (code) {
    case kNone:
      push(none_);
      return true;
    case kNewTrue:
      push(true_);
      return true;
    case kNewFalse:
      push(false_);
      return true;
    default:
      return false;
  }
}

bool Machine::push_number(std::uint8_t code) {
  const auto push_integer = [this](std::int64_t value) { push_new(value); };
  switch (code) {
    case kBinInt:
      push_integer(cursor_.little_endian<std::int32_t>());
      return true;
    case kBinInt1:
      push_integer(cursor_.little_endian<std::uint8_t>());
      return true;
    case kBinInt2:
      push_integer(cursor_.little_endian<std::uint16_t>());
      return true;
    case kLong1:
      push_long(cursor_.little_endian<std::uint8_t>());
      return true;
    case kLong4:
      push_long(cursor_.little_endian<std::uint32_t>());
      return true;
    case kBinFloat:
      push_new(cursor_.big_endian_double());
      return true;
    default:
      return false;
  }
}

bool Machine::push_text(std::uint8_t code) {
  switch (code) {
    case kShortBinUnicode:
      push_string(cursor_.little_endian<std::uint8_t>());
      return true;
    case kBinUnicode:
      push_string(cursor_.little_endian<std::uint32_t>());
      return true;
    case kBinUnicode8:
      push_string(cursor_.little_endian<std::uint64_t>());
      return true;
    default:
      return false;
  }
}

bool Machine::push_bytes(std::uint8_t code) {
  switch (code) {
    case kShortBinString:
    case kShortBinBytes:
      push_byte_string(cursor_.little_endian<std::uint8_t>());
      return true;
    case kBinString:
    case kBinBytes:
      push_byte_string(cursor_.little_endian<std::uint32_t>());
      return true;
    case kBinBytes8:
    case kByteArray8:
      push_byte_string(cursor_.little_endian<std::uint64_t>());
      return true;
    default:
      return false;
  }
}

bool Machine::build_collection(std::uint8_t code) {
  switch (code) {
    case kEmptyList:
      push_list(List::Kind::list, {});
      return true;
    case kEmptyDict:
      push_new(Dict{});
      return true;
    case kList:
      push_list(List::Kind::list, pop_to_mark());
      return true;
    case kAppends:
      append_to_top(pop_to_mark());
      return true;
    case kAppend:
      append_to_top({pop()});
      return true;
    case kSetItems:
      set_items_of_top(pop_to_mark());
      return true;
    case kSetItem: {
      const Value* value = pop();
      const Value* key = pop();
      set_items_of_top({key, value});
      return true;
    }
    case kDict: {
      const auto items = pop_to_mark();
      push_new(Dict{});
      set_items_of_top(items);
      return true;
    }
    default:
      return false;
  }
}

bool Machine::build_tuple(std::uint8_t code) {
  if (code == kTuple) {
    push_list(List::Kind::tuple, pop_to_mark());
    return true;
  }
  if (code != kEmptyTuple && (code < kTuple1 || code > kTuple3)) return false;
  std::vector<const Value*> items(code == kEmptyTuple ? 0 : code - kTuple1 + 1);
  for (std::size_t i = items.size(); i-- > 0;) items[i] = pop();
  push_list(List::Kind::tuple, std::move(items));
  return true;
}

bool Machine::use_memo(std::uint8_t code) {
  switch (code) {
    case kBinPut:
      remember(cursor_.little_endian<std::uint8_t>());
      return true;
    case kLongBinPut:
      remember(cursor_.little_endian<std::uint32_t>());
      return true;
    case kMemoize:
      remember(static_cast<std::uint32_t>(memo_.size()));
      return true;
    case kBinGet:
      recall(cursor_.little_endian<std::uint8_t>());
      return true;
    case kLongBinGet:
      recall(cursor_.little_endian<std::uint32_t>());
      return true;
    default:
      return false;
  }
}

bool Machine::use_stack(std::uint8_t code) {
  switch (code) {
    case kMark:
      marks_.push_back(stack_.size());
      return true;
    case kPopMark:
      pop_to_mark();
      return true;
    case kDup:
      push(top());
      return true;
    case kPop:
      // Python's own machine lets POP take a mark where nothing lies above it.
      if (!marks_.empty() && marks_.back() == stack_.size()) {
        marks_.pop_back();
      } else {
        pop();
      }
      return true;
    default:
      return false;
  }
}

bool Machine::use_global(std::uint8_t code) {
  switch (code) {
    case kGlobal: {
      const std::string_view module = cursor_.line();
      push_global(module, cursor_.line());
      return true;
    }
    case kStackGlobal: {
      const auto* name = pop()->as<std::string>();
      const auto* module = pop()->as<std::string>();
      if (name == nullptr || module == nullptr) fail("it asks for a name that is not a string");
      push_global(*module, *name);
      return true;
    }
    case kReduce:
      reduce();
      return true;
    case kBuild:
      build();
      return true;
    case kBinPersId: {
      const Value* id = pop();
      if (vocabulary_.persistent == nullptr) {
        push_opaque("something that is kept outside the file");
      } else {
        push(vocabulary_.persistent(store_, *id));
      }
      return true;
    }
    default:
      return false;
  }
}

// Objects and sets are passed over; what belongs to them is taken off the stack.
bool Machine::use_object(std::uint8_t code) {
  switch (code) {
    case kNewObject:
      reduce();
      return true;
    case kNewObjectWithNames:
      pop();  // arguments that have names
      reduce();
      return true;
    case kEmptySet:
      push_opaque("a set");
      return true;
    case kAddItems:
      pop_to_mark();
      if (top()->as<Opaque>() == nullptr) fail("it adds items to {}", describe(*top()));
      return true;
    case kFrozenSet:
      pop_to_mark();
      push_opaque("a set");
      return true;
    default:
      return false;
  }
}

// Frames only tell a streaming reader how much to fetch.
bool Machine::skip_frame(std::uint8_t code) {
  if (code == kFrame) {
    const auto length = cursor_.little_endian<std::uint64_t>();
    ByteCursor(cursor_).take(length);  // throws where the file ends before the frame does
    return true;
  }
  if (code == kProto) {
    cursor_.take(1);
    return true;
  }
  return false;
}

void Machine::push_string(std::uint64_t length) {
  const std::size_t begin = cursor_.position();
  const std::string_view text = text_of(cursor_.take(length));
  if (!is_utf8(text)) {  // Python's strings may hold half of a surrogate pair
    push_new(Bytes{bytes_.part(begin, text.size())});
    return;
  }
  store_.charge(text.size());
  push_new(std::string(text));
}

void Machine::push_opaque(std::string what) {
  store_.charge(what.size());
  push_new(Opaque{std::move(what)});
}

void Machine::push_byte_string(std::uint64_t length) {
  cursor_.take(length);
  const auto size = static_cast<std::size_t>(length);
  push_new(Bytes{bytes_.part(cursor_.position() - size, size)});
}

// Little-endian two's complement of any length.
void Machine::push_long(std::uint64_t length) {
  const ByteView digits = cursor_.take(length);
  if (digits.size() > sizeof(std::int64_t)) {
    push_opaque(fmt::format("an integer of {} bytes", digits.size()));
    return;
  }
  const bool negative = !digits.empty() && (digits.back() & std::byte{0x80}) != std::byte{0};
  std::int64_t value = negative ? -1 : 0;
  std::memcpy(&value, digits.data(), digits.size());
  push_new(value);
}

void Machine::push_global(std::string_view module, std::string_view name) {
  for (const std::span<const Callable> group : vocabulary_.callables) {
    for (const Callable& candidate : group) {
      if (candidate.module == module && candidate.name == name) {
        push_new(Global{&candidate});
        return;
      }
    }
  }
  push_opaque(fmt::format("an object made by {}.{}", printable(module), printable(name)));
}

void Machine::push_list(List::Kind kind, std::vector<const Value*> items) {
  store_.charge(items.size() * sizeof(items[0]));
  push_new(List{kind, std::move(items)});
}

Value* Machine::top() {
  if (stack_.size() <= floor()) fail("a value is missing: the pickle is damaged");
  return stack_.back();
}

Value* Machine::pop() {
  Value* value = top();
  stack_.pop_back();
  return value;
}

std::vector<const Value*> Machine::pop_to_mark() {
  if (marks_.empty()) fail("a mark is missing: the pickle is damaged");
  const auto begin = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
  std::vector<const Value*> items(begin, stack_.end());
  stack_.erase(begin, stack_.end());
  marks_.pop_back();
  return items;
}

void Machine::append_to_top(const std::vector<const Value*>& items) {
  if (top()->as<Opaque>() != nullptr) return;
  auto* list = top()->as<List>();
  if (list == nullptr || list->kind != List::Kind::list)
    fail("it adds items to {}", describe(*top()));
  store_.charge(items.size() * sizeof(items[0]));
  list->items.insert(list->items.end(), items.begin(), items.end());
}

void Machine::set_items_of_top(const std::vector<const Value*>& keys_and_values) {
  if (top()->as<Opaque>() != nullptr) return;
  auto* dict = top()->as<Dict>();
  if (dict == nullptr) fail("it sets keys of {}", describe(*top()));
  if (keys_and_values.size() % 2 != 0) fail("a key has no value: the pickle is damaged");
  store_.charge(keys_and_values.size() * sizeof(keys_and_values[0]));
  for (std::size_t i = 0; i < keys_and_values.size(); i += 2) {
    dict->items.emplace_back(keys_and_values[i], keys_and_values[i + 1]);
  }
}

void Machine::remember(std::uint32_t index) {
  Value* value = top();
  if (memo_.insert_or_assign(index, value).second) store_.charge(kMemoBytes);
}

void Machine::recall(std::uint32_t index) {
  const auto found = memo_.find(index);
  if (found == memo_.end()) fail("it refers to value {}, which has not come yet", index);
  push(found->second);
}

void Machine::reduce() {
  const Value* arguments = pop();
  Value* function = pop();
  if (function->as<Opaque>() != nullptr) {  // and so is what it would give
    push(function);
    return;
  }
  const auto* global = function->as<Global>();
  const auto* tuple = arguments->as<List>();
  if (global == nullptr || global->callable->call == nullptr) {
    fail("it calls {}, which is not a function", describe(*function));
  }
  if (tuple == nullptr || tuple->kind != List::Kind::tuple) {
    fail("it calls {} with {}, and a tuple is expected", describe(*function), describe(*arguments));
  }
  push(global->callable->call(store_, *tuple));
}

void Machine::build() {
  const Value* state = pop();
  // PyTorch hangs version numbers on the OrderedDict of a state dict; nothing here reads them.
  const auto* array = top()->as<EmptyArray>();
  if (array != nullptr && array->raw) {
    set_joblib_state(store_, *top(), *state, cursor_, bytes_);
    return;
  }
  const bool ignored = top()->as<Dict>() != nullptr || top()->as<Opaque>() != nullptr;
  if (!ignored) set_numpy_state(store_, *top(), *state);
}

}  // namespace trine::io::pickle
