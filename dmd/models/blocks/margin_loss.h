// The margin loss on the irrelevant parts (paper equation 7): of a sample's aligned features, those
// of equal labels are to be closer than those of other labels.
#pragma once

#include "dmd/models/blocks/variant.h"
#include "engine/tensor.h"

namespace dmd {

// How far two labels are apart: their difference, or, as classes have no distance, 1 where they are
// not equal.
enum class LabelScale { interval, nominal };

// A scalar from features (B, d), one tensor per modality, and labels (B, 1). Rows are the 3B
// vectors (of three modalities), l, v, a of sample 0 first. Over the triples (anchor i, positive p,
// negative q) it averages max(0, m(i, q) - cos(i, p) + cos(i, q)):
//   reference  p: every other row of an equal label. q: every row of another label.
//              margin times the distance of label i to label q. Mean over the triples of an anchor,
//              then over the anchors that have any.
//   paper      p: equal label, another modality. q: another label, the same modality. A constant
//              margin, whose size the paper leaves open. Mean over all triples.
// 0 if there is no triple.
//
// Work is cubic in 3B. Memory is quadratic where comparisons fuse into the sums over them; with
// that pass off they take 4 (3B)^3 bytes for a moment: 1.8 GB at B = 256.
trine::Tensor margin_loss(const trine::Tensors& features, trine::Tensor labels, Variant variant,
                          float margin, LabelScale scale = LabelScale::interval);

}  // namespace dmd
