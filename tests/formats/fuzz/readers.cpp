// A libFuzzer program over all readers of foreign files. Not part of the build; with Clang, from
// the root of the repository:
//
//   clang++ -std=c++20 -O1 -g -fsanitize=fuzzer,address,undefined -I. -o /tmp/fuzz_readers
//     tests/formats/fuzz/readers.cpp engine/io/*.cpp dmd/text/{byte_pair,special_tokens,text_lines,
//     tokenizer,tokenizer_json,unicode_text,vocabulary,word_piece}.cpp
//     dmd/config/{encoder_config,json_object}.cpp -lfmt -lzip -lz -lbz2 -llzma -licui18n -licuuc
//   mkdir -p /tmp/corpus && /tmp/fuzz_readers /tmp/corpus tests/formats/data
//
// Whatever it finds becomes a case of one of the *_test.cpp beside it.
#include <span>

#include "dmd/text/tokenizer_json.h"
#include "engine/io/compression.h"
#include "engine/io/pickle.h"
#include "engine/io/pickle_torch.h"
#include "engine/io/safetensors.h"
#include "engine/io/shards.h"
#include "engine/io/torch_file.h"

namespace {

using namespace trine::io;

void look_at(const NamedArrays& arrays) {
  for (const NamedArray& entry : arrays) static_cast<void>(entry.array.to_f64());
}

template <class Read>
void attempt(Read&& read) {
  try {
    read();
  } catch (const trine::Error&) {
    // A sentence is what damaged files are answered with.
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const SharedBytes bytes = share(std::vector<std::uint8_t>(data, data + size));
  attempt([&] { static_cast<void>(describe(pickle::read(bytes, "x").root())); });
  for (const auto* vocabulary : {&pickle::saved_vocabulary(), &pickle::pickled_vocabulary()}) {
    attempt([&] {
      const auto document = pickle::read(bytes, "x", "checkpoint", *vocabulary);
      static_cast<void>(describe(document.root()));
    });
  }
  attempt([&] {
    if (const auto compression = compression_of(bytes.view))
      static_cast<void>(unpack(bytes.view, *compression, 1 << 24));
  });
  attempt([&] { look_at(parse_safetensors(bytes, "x").arrays); });
  attempt([&] { look_at(parse_torch_file(bytes, "x").arrays); });
  attempt([&] { static_cast<void>(parse_shard_index(text_of(bytes.view), "x")); });
  attempt([&] { dmd::tokenizer_from_json(text_of(bytes.view), "x")->pieces("[SEP] abba é?"); });
  return 0;
}
