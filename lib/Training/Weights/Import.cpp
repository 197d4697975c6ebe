//===- Import.cpp - weights of another program ------------------*- C++ -*-===//
#include "lib/Support/Names.h"
#include "lib/Training/Guard.h"
#include "lib/Training/Weights/Layout.h"
#include "lib/Training/Weights/Pairing.h"

#include <algorithm>
#include <set>

using namespace moe;

namespace {

/// Holds the pairs against what the files have.
class Inspection {
public:
  Inspection(const WeightFiles &weights, DiagnosticSink &sink) : weights(weights), sink(sink) {
    for (const auto &[name, tensor] : weights.getTensors())
      names.push_back(name);
  }

  void check(const Pair &pair) {
    for (const std::string &name : pair.files) {
      used.insert(name);
      auto found = weights.getTensors().find(name);
      if (found == weights.getTensors().end())
        missing[pair.rule].push_back({name, pair.buffer->binding.name});
      else
        checkTensor(pair, name, found->second);
    }
  }

  /// What is in the files and nobody wants.
  void requireUsed(const WeightMap::Rules &rules) {
    std::vector<std::string> left;
    for (const std::string &name : names) {
      bool isSkipped = std::any_of(rules.all.begin(), rules.all.end(),
                                   [&](const MapRule &rule) { return rule.kind == MapRule::Kind::skip && rule.file.match(name); });
      if (!isSkipped && !used.count(name))
        left.push_back(name);
    }
    if (!left.empty())
      sink.error({}, weights.getPath() + ": nothing uses " + listNames(left)).suggest("`skip NAME` in a map leaves a tensor of the file out");
  }

  void reportMissing() {
    for (const auto &[rule, wanted] : missing) {
      std::string more = wanted.size() > 1 ? ", nor are " + std::to_string(wanted.size() - 1) + " more that this rule wants" : "";
      if (!rule->fileRange.isValid() && wanted.size() > 1)
        more = ", nor are " + std::to_string(wanted.size() - 1) + " more";
      Diagnostic &d = sink.error(rule->fileRange, "'" + wanted.front().file + "' is not in " + weights.getPath() + more);
      if (std::string near = nearestName(wanted.front().file, names); !near.empty())
        d.suggest("did you mean '" + near + "'?");
      else if (!rule->fileRange.isValid())
        d.suggest("a map says which names belong together (docs/weights.md)");
    }
  }

private:
  struct Wanted {
    std::string file, model;
  };

  void checkTensor(const Pair &pair, const std::string &name, const WeightFiles::Tensor &tensor) {
    const MapRule &rule = *pair.rule;
    const Shape &shape = tensor.entry->shape;
    if (!isFloat(*tensor.entry)) {
      sink.error(rule.fileRange, "'" + name + "' is " + tensor.entry->dtype + ": weights are F32, F16, BF16 or F64");
      return;
    }
    if (shape == pair.fileWhole || !said.insert(&rule).second)
      return;
    const Binding &model = pair.buffer->binding;
    std::string wanted = pair.fileWhole == model.shape ? "" : ", for which it has to be " + describe(pair.fileWhole);
    Diagnostic &d = sink.error(rule.fileRange, "'" + name + "' is " + describe(shape) + " in the file, but '" + model.name + "' is " +
                                                   describe(model.shape) + " in the model" + wanted);
    Shape turned = pair.fileWhole;
    if (turned.size() >= 2)
      std::swap(turned[turned.size() - 1], turned[turned.size() - 2]);
    if (turned == shape)
      d.suggest("exchanged axes are written `transpose` at the end of the rule");
  }

  const WeightFiles &weights;
  DiagnosticSink &sink;
  std::vector<std::string> names;
  std::set<std::string> used;
  std::set<const MapRule *> said; ///< whose shapes do not fit
  std::map<const MapRule *, std::vector<Wanted>> missing;
};

} // namespace

/// The part of a parameter that the pair gives, from the tensors of the file.
static Status readPiece(const WeightFiles &weights, const Pair &pair, std::vector<float> &piece) {
  piece.clear();
  piece.reserve(static_cast<size_t>(countElements(pair.piece)));
  for (const std::string &name : pair.files) {
    std::vector<float> values;
    const WeightFiles::Tensor &tensor = weights.getTensors().at(name);
    if (Status status = readFloats(weights.getPath(), *tensor.file, *tensor.entry, values); !status)
      return status;
    values = takePart(values.data(), pair.fileWhole, pair.rule->filePart);
    Shape shape = pair.filePart;
    for (const Step &step : pair.rule->steps) {
      if (step.kind == Step::Kind::transpose) {
        values = transposed(values, shape);
        std::swap(shape[shape.size() - 1], shape[shape.size() - 2]);
      } else {
        shape.erase(shape.begin() + step.axis);
      }
    }
    piece.insert(piece.end(), values.begin(), values.end());
  }
  return Status::success();
}

Status moe::importWeights(const WeightFiles &weights, const WeightMap &map, BufferStore &store, const ImportOptions &options, ImportReport &report,
                          std::string &messages) {
  return guarded("weights", [&] {
    DiagnosticSink sink;
    std::vector<std::string> fresh;
    std::vector<const Buffer *> all = findWeights(store);
    std::vector<Pair> pairs = pairWeights(map.getRules(), all, options.only, sink, fresh);
    if (pairs.empty() && !sink.hasErrors())
      sink.error({}, options.only.empty() ? "the map takes nothing from " + weights.getPath() : "no parameter is called '" + options.only + "'");
    Inspection inspection(weights, sink);
    for (const Pair &pair : pairs)
      inspection.check(pair);
    inspection.reportMissing();
    if (options.only.empty() && !sink.hasErrors()) { // a name that is wrong in the map makes two messages else
      inspection.requireUsed(map.getRules());
      requireWholeFiles(pairs, sink);
    }
    if (sink.hasErrors())
      return refuseMap(sink, weights.getPath(), messages);

    std::set<const Buffer *> taken;
    for (const Pair &pair : pairs) {
      std::vector<float> piece;
      if (Status status = readPiece(weights, pair, piece); !status)
        return status;
      const Binding &binding = pair.buffer->binding;
      placePart(store.find(binding.kind, binding.name)->as<float>(), binding.shape, pair.rule->modelPart, piece.data());
      taken.insert(pair.buffer);
    }
    report.taken = static_cast<int64_t>(taken.size());
    report.kept = static_cast<int64_t>(all.size() - taken.size());
    return Status::success();
  });
}
