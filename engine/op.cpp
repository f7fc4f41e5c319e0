#include "engine/op.h"

#include "engine/error.h"

namespace trine {

const OpDef& find_op(std::string_view name) {
  for (const OpDef* op : all_ops())
    if (op->name == name) return *op;
  fail("there is no op '{}'; all_ops() lists those there are", name);
}

}  // namespace trine
