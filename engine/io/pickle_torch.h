// PyTorch's part of the pickle vocabulary.
#pragma once

#include "engine/io/pickle.h"

namespace trine::io::pickle {

// NumPy's vocabulary, and: the names of torch storages, tensors as views of storages, and
// parameters, which come out as their tensors. Storages are named by persistent ids.
const Vocabulary& torch_vocabulary();

}  // namespace trine::io::pickle
