#include "dmd/models/blocks/branch_presets.h"

namespace dmd {
namespace {

SettingList joined(SettingList settings, std::initializer_list<std::string> more) {
  settings.insert(settings.end(), more);
  return settings;
}

}  // namespace

SettingList mosei_branches(std::initializer_list<std::string> more) {
  return joined({"conv1d_kernel_size_l=5", "conv1d_kernel_size_a=1", "conv1d_kernel_size_v=3",
                 "attn_dropout=0.4", "attn_dropout_a=0", "attn_dropout_v=0", "embed_dropout=0",
                 "text_dropout=0.3"},
                more);
}

SettingList tiny_branches(std::initializer_list<std::string> more) {
  return joined(
      {"dst_feature_dim=20", "nheads=4", "nlevels=2", "conv1d_kernel_size_l=3",
       "conv1d_kernel_size_a=3", "conv1d_kernel_size_v=3", "attn_dropout=0.1", "attn_dropout_a=0.1",
       "attn_dropout_v=0", "embed_dropout=0.1", "output_dropout=0.1", "text_dropout=0.1",
       "learning_rate=1e-3", "update_epochs=2", "patience=5", "early_stop=15", "epochs=40"},
      more);
}

}  // namespace dmd
