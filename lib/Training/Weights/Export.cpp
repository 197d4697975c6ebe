//===- Export.cpp - weights for another program -----------------*- C++ -*-===//
#include "lib/Training/Guard.h"
#include "lib/Training/Weights/Layout.h"
#include "lib/Training/Weights/Pairing.h"

#include <set>

using namespace moe;

namespace {
struct Outgoing {
  Shape shape;
  std::vector<float> values;
  std::set<int64_t> parts;
  std::string model; ///< whose values these are
};

/// The tensors of a file in the order in which the model's parameters give them.
class Export {
public:
  explicit Export(DiagnosticSink &sink) : sink(sink) {}

  void add(const Pair &pair) {
    const Binding &binding = pair.buffer->binding;
    std::vector<float> piece = takePart(pair.buffer->as<float>(), binding.shape, pair.rule->modelPart);
    int64_t size = countElements(pair.slice);
    for (size_t i = 0; i < pair.files.size(); ++i) {
      auto begin = piece.begin() + static_cast<int64_t>(i) * size;
      std::vector<float> values(begin, begin + size);
      Shape shape = pair.slice;
      std::string none;
      for (auto step = pair.rule->steps.rbegin(); step != pair.rule->steps.rend(); ++step) {
        if (step->kind == Step::Kind::transpose)
          values = transposed(values, shape);
        shape = before(shape, *step, none);
      }
      put(pair, pair.files[i], values);
    }
  }

  std::vector<TensorSource> getTensors() const {
    std::vector<TensorSource> sources;
    for (const std::string &name : order)
      sources.push_back({name, DType::f32, tensors.at(name).shape, tensors.at(name).values.data()});
    return sources;
  }

private:
  void put(const Pair &pair, const std::string &name, const std::vector<float> &values) {
    const Part &part = pair.rule->filePart;
    auto [it, isNew] = tensors.try_emplace(name);
    Outgoing &tensor = it->second;
    if (isNew) {
      order.push_back(name);
      tensor = {pair.fileWhole, std::vector<float>(static_cast<size_t>(countElements(pair.fileWhole))), {}, pair.buffer->binding.name};
    }
    bool fits = tensor.shape == pair.fileWhole;
    // Weights that two parameters of this program share in the other one: they must be the same here.
    if (fits && !tensor.parts.insert(part.index).second)
      fits = takePart(tensor.values.data(), tensor.shape, part) == values;
    if (!fits) {
      sink.error(pair.rule->range, "'" + pair.buffer->binding.name + "' and '" + tensor.model + "' both go to '" + name + "', but they differ");
      return;
    }
    placePart(tensor.values.data(), tensor.shape, part, values.data());
  }

  DiagnosticSink &sink;
  std::map<std::string, Outgoing> tensors;
  std::vector<std::string> order;
};
} // namespace

Status moe::exportWeights(const BufferStore &store, const WeightMap &map, const std::string &path, std::string &messages) {
  return guarded("weights", [&] {
    DiagnosticSink sink;
    std::vector<std::string> fresh;
    std::vector<Pair> pairs = pairWeights(map.getRules(), findWeights(store), "", sink, fresh);
    if (!sink.hasErrors())
      requireWholeFiles(pairs, sink);
    Export outgoing(sink);
    for (const Pair &pair : pairs)
      if (!sink.hasErrors())
        outgoing.add(pair);
    if (sink.hasErrors())
      return refuseMap(sink, path, messages);
    return writeTensors(path, outgoing.getTensors(), {{"format", "pt"}}); // without it Transformers refuses a file
  });
}
