// PyTorch's part of the pickle vocabulary.
#pragma once

#include "engine/io/pickle.h"

namespace trine::io::pickle {

// NumPy's vocabulary, and tensors as views of storages, and parameters, which come out as their
// tensors.
// Of what torch.save writes: storages are named by persistent ids, and lie outside the pickle.
const Vocabulary& saved_vocabulary();
// Of what pickle.dump writes: storages are bytes in the pickle.
const Vocabulary& pickled_vocabulary();

}  // namespace trine::io::pickle
