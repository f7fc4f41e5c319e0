// What torch.save wrote before PyTorch 1.6, and writes where the old format is asked for. Five
// pickles stand one behind the other: a magic number, the number 1001, the sizes of C's types, the
// object with storages as persistent ids, and the list of the storages' keys. Then, in the order of
// the keys, come the storages: a number of elements (i64, little-endian) and the elements.
#pragma once

#include <map>
#include <string>

#include "engine/io/pickle.h"

namespace trine::io {

bool is_torch_legacy(ByteView bytes);

struct TorchLegacy {
  pickle::Document document;
  std::map<std::string, SharedBytes> storages;  // by key; views into the file
};

// Every length is compared with the file. Throws Error with a clause.
TorchLegacy parse_torch_legacy(const SharedBytes& bytes, const pickle::Vocabulary& vocabulary);

// Of bytes whose object is one storage: that storage, with its bytes.
pickle::Storage storage_from_legacy(const SharedBytes& bytes, const pickle::Vocabulary& vocabulary);

}  // namespace trine::io
