#include "dmd/runtime/representations.h"

#include <vector>

#include "dmd/data/input_sizes.h"
#include "dmd/models/configuration.h"
#include "engine/error.h"

namespace dmd {
namespace {

namespace io = trine::io;

// An output whose rows are gathered batch by batch.
struct Gathered {
  std::string fetch, name;
  io::Extents shape;  // of a row
  std::vector<float> values;
};

std::vector<Gathered> wanted_of(const Declaration& declared) {
  std::vector<Gathered> wanted{{declared.prediction().name, "prediction", {}, {}}};
  for (const OutputInfo& output : declared.outputs)
    if (output.kind == OutputKind::representation)
      wanted.push_back({output.name, output.name, {}, {}});
  if (wanted.size() == 1)
    trine::fail("the model {} names no representations", declared.model->name);
  return wanted;
}

// Rows keep the extents behind the batch; an answer of one number has none.
io::Extents row_shape(const trine::Executable& program, const std::string& fetch) {
  const trine::Shape& whole = program.fetch_type(fetch).shape;
  io::Extents shape(whole.begin() + 1, whole.end());
  if (shape == io::Extents{1}) shape.clear();
  return shape;
}

io::NamedArray array_of(const Gathered& gathered, std::int64_t rows) {
  io::Extents shape{rows};
  shape.insert(shape.end(), gathered.shape.begin(), gathered.shape.end());
  return {gathered.name, io::Array::from(gathered.values, shape)};
}

}  // namespace

io::NamedArrays represent(DeviceModel& model, const Split& split) {
  check_against(model.config(), input_sizes(split));
  std::vector<Gathered> wanted = wanted_of(model.declared());
  Batch batch;
  const std::vector<std::int64_t> order = file_order(split.size());
  for (const auto rows : batches_of(order, model.config().batch_size)) {
    gather(split, rows, batch);
    trine::Executable& program = model.represent(batch.size);
    feed(program, batch, model.config());
    program.run({});
    for (Gathered& one : wanted) {
      one.shape = row_shape(program, one.fetch);
      const std::vector<float> values = program.fetch(one.fetch);
      one.values.insert(one.values.end(), values.begin(), values.end());
    }
  }
  io::NamedArrays arrays;
  for (const Gathered& one : wanted) arrays.push_back(array_of(one, split.size()));
  return arrays;
}

}  // namespace dmd
