// Every term of the training loss (paper section 3.3), and their sum.
#pragma once

#include <array>
#include <string_view>

#include "dmd/config/config.h"
#include "dmd/model/graph_unit.h"
#include "dmd/model/model.h"
#include "engine/nn/capture.h"

namespace dmd {

// Scalars. A term that an ablation or the variant leaves out is 0.
struct Losses {
  trine::Tensor total;
  trine::Tensor task;    // mean absolute errors: of eight heads; in the paper, of the output alone
  trine::Tensor recon;   // of each modality's reconstruction from its two parts
  trine::Tensor cycle;   // of the exclusive part of the reconstruction
  trine::Tensor ort;     // the two parts are to be orthogonal
  trine::Tensor margin;  // equal labels are to be closer than others
  trine::Tensor homo_reg, homo_logit;
  trine::Tensor homo_repr;  // in the total of the paper's variant only
  trine::Tensor hetero_reg, hetero_logit, hetero_repr;
};

struct LossTerm {
  std::string_view name;
  trine::Tensor Losses::*value;
};

// All of them, in the order of reports.
inline constexpr std::array kLossTerms{
    LossTerm{"total", &Losses::total},
    LossTerm{"task", &Losses::task},
    LossTerm{"recon", &Losses::recon},
    LossTerm{"cycle", &Losses::cycle},
    LossTerm{"ort", &Losses::ort},
    LossTerm{"margin", &Losses::margin},
    LossTerm{"homo_reg", &Losses::homo_reg},
    LossTerm{"homo_logit", &Losses::homo_logit},
    LossTerm{"homo_repr", &Losses::homo_repr},
    LossTerm{"hetero_reg", &Losses::hetero_reg},
    LossTerm{"hetero_logit", &Losses::hetero_logit},
    LossTerm{"hetero_repr", &Losses::hetero_repr},
};

struct Objective {
  Losses losses;
  Distillation homo, hetero;
};

// labels (B, 1).
Objective objective(trine::nn::Capture& capture, const Config& config, const Outputs& outputs,
                    trine::Tensor labels);

}  // namespace dmd
