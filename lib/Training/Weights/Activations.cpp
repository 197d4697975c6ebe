//===- Activations.cpp - recording values of an evaluation ------*- C++ -*-===//
#include "moe/Training/Activations.h"
#include "lib/Training/Guard.h"
#include "lib/Training/TokenProgram.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

using namespace moe;

//===-- Files ------------------------------------------------------------------===//

template <typename T>
static Status readIds(const TensorFile &file, const TensorEntry &entry, std::vector<int32_t> &ids) {
  std::vector<T> stored(static_cast<size_t>(entry.bytes) / sizeof(T));
  if (Status status = file.read(entry, stored.data()); !status)
    return status;
  for (T id : stored)
    ids.push_back(id < 0 || id > std::numeric_limits<int32_t>::max() ? -1 : static_cast<int32_t>(id)); // -1 is in no vocabulary
  return Status::success();
}

static Status readIds(const std::string &path, const TensorFile &file, const TensorEntry &entry, std::vector<int32_t> &ids) {
  if (entry.shape.size() != 2)
    return Status::failure(path + ": '" + entry.name + "' has the shape of no block of tokens, [rows, positions]");
  if (entry.dtype == "I32")
    return readIds<int32_t>(file, entry, ids);
  if (entry.dtype == "I64")
    return readIds<int64_t>(file, entry, ids);
  return Status::failure(path + ": '" + entry.name + "' is " + entry.dtype + ", expected I32 or I64");
}

Status Activations::read(const std::string &path, Activations &activations) {
  return guarded("recorded values", [&] {
    Activations made;
    TensorFile file;
    if (Status status = TensorFile::open(path, file); !status)
      return status;
    const TensorEntry *tokens = file.find("tokens"), *targets = file.find("targets");
    if (!tokens)
      return Status::failure(path + ": there is no tensor 'tokens' in it");
    if (Status status = readIds(path, file, *tokens, made.tokens); !status)
      return status;
    made.rows = tokens->shape[0];
    made.positions = tokens->shape[1];
    if (targets && targets->shape != tokens->shape)
      return Status::failure(path + ": 'targets' and 'tokens' differ in shape");
    if (targets)
      if (Status status = readIds(path, file, *targets, made.targets); !status)
        return status;
    made.targets.resize(made.tokens.size());
    for (const TensorEntry &entry : file.getTensors()) {
      if (&entry == tokens || &entry == targets)
        continue;
      Value &value = made.values.emplace_back(Value{entry.name, entry.shape, {}});
      if (Status status = readFloats(path, file, entry, value.elements); !status)
        return status;
    }
    activations = std::move(made);
    return Status::success();
  });
}

Status Activations::write(const std::string &path) const {
  std::vector<TensorSource> tensors = {{"tokens", DType::i32, {rows, positions}, tokens.data()},
                                       {"targets", DType::i32, {rows, positions}, targets.data()}};
  for (const Value &value : values)
    tensors.push_back({value.name, DType::f32, value.shape, value.elements.data()});
  return writeTensors(path, tensors, {});
}

//===-- Recording ----------------------------------------------------------------===//

static Status requireIds(const std::vector<int32_t> &ids, int64_t vocabulary) {
  for (int32_t id : ids)
    if (id < 0 || id >= vocabulary)
      return Status::failure("a token to compare on lies outside the vocabulary of " + std::to_string(vocabulary));
  return Status::success();
}

Status moe::record(const Executable &executable, BufferStore &parameters, ThreadPool &pool, Activations &activations) {
  return guarded("an evaluation", [&] {
    TokenProgram program;
    TrainSettings settings;
    if (Status status = parseSettings(executable.settings, settings); !status)
      return status;
    if (Status status = program.prepare(executable, "eval"); !status)
      return status;
    int64_t rows = program.getRows(), positions = program.getContext();
    if (rows != activations.rows || positions != activations.positions)
      return Status::failure("the model reads " + std::to_string(rows) + " x " + std::to_string(positions) + " tokens, there are " +
                             std::to_string(activations.rows) + " x " + std::to_string(activations.positions));
    for (const std::vector<int32_t> *ids : {&activations.tokens, &activations.targets})
      if (Status status = requireIds(*ids, settings.vocabulary); !status)
        return status;
    for (auto [name, ids] : {std::pair("tokens", &activations.tokens), {"targets", &activations.targets}})
      std::copy(ids->begin(), ids->end(), program.getInput(name));
    Runner runner(executable, program.get(), pool);
    if (Status status = runner.bind({&program.getStore(), &parameters}); !status)
      return status;
    if (Status status = runner.run(); !status)
      return status;
    activations.values.clear();
    for (const Binding &binding : program.get().bindings) { // in the order in which the program gives them
      if (binding.kind != BindingKind::probe)
        continue;
      const Buffer &buffer = *program.getStore().find(binding.kind, binding.name);
      activations.values.push_back({binding.name, binding.shape, {buffer.as<float>(), buffer.as<float>() + buffer.elements()}});
    }
    return Status::success();
  });
}

//===-- Comparing ------------------------------------------------------------------===//

static double rootMeanSquare(const std::vector<float> &values) {
  double sum = 0;
  for (float value : values)
    sum += std::isfinite(value) ? double(value) * value : 0;
  return values.empty() ? 0 : std::sqrt(sum / static_cast<double>(values.size()));
}

/// 0 for equal values, not numbers included.
static double distance(float a, float b) {
  if (a == b || (std::isnan(a) && std::isnan(b)))
    return 0;
  return std::isfinite(a) && std::isfinite(b) ? std::abs(double(a) - b) : std::numeric_limits<double>::infinity();
}

static std::vector<int64_t> placeOf(int64_t index, const std::vector<int64_t> &shape) {
  std::vector<int64_t> place(shape.size());
  for (size_t i = shape.size(); i-- > 0; index /= shape[i])
    place[i] = index % shape[i];
  return place;
}

static ValueDifference compareValue(const Activations::Value &a, const Activations::Value &b) {
  ValueDifference difference{a.name, a.shape, b.shape, 0, {}, 0, 0};
  if (a.shape != b.shape) {
    difference.error = std::numeric_limits<double>::infinity();
    return difference;
  }
  double largest = 0, scale = rootMeanSquare(a.elements);
  for (size_t i = 0; i < a.elements.size(); ++i) {
    double d = distance(a.elements[i], b.elements[i]);
    if (d <= largest)
      continue;
    largest = d;
    difference.place = placeOf(static_cast<int64_t>(i), a.shape);
    difference.first = a.elements[i];
    difference.second = b.elements[i];
  }
  difference.error = largest == 0 ? 0 : largest / scale;
  return difference;
}

std::vector<ValueDifference> moe::compare(const Activations &a, const Activations &b) {
  std::map<std::string, const Activations::Value *> others;
  for (const Activations::Value &value : b.values)
    others[value.name] = &value;
  std::vector<ValueDifference> differences;
  for (const Activations::Value &value : a.values)
    if (auto other = others.find(value.name); other != others.end())
      differences.push_back(compareValue(value, *other->second));
  return differences;
}
