//===- NonFiniteTrace.cpp - where infinities and nan come from --*- C++ -*-===//
#include "lib/Training/NonFiniteTrace.h"

#include "lib/Training/ValueSummary.h"

#include <algorithm>
#include <cmath>
#include <set>

using namespace moe;

static constexpr size_t mostLargest = 5;

//===-- What training refuses ---------------------------------------------------------===//

/// In the order in which training looks at them.
static constexpr BindingKind refused[] = {BindingKind::loss,   BindingKind::objective, BindingKind::grad,  BindingKind::state, BindingKind::tally,
                                          BindingKind::stream, BindingKind::metric,    BindingKind::param, BindingKind::opt};

/// What comes into a step from the one before.
static bool isKept(BindingKind kind) {
  return kind == BindingKind::state || kind == BindingKind::tally || kind == BindingKind::stream || kind == BindingKind::param ||
         kind == BindingKind::opt;
}

static std::string nameBuffer(const Binding &binding) {
  switch (binding.kind) {
  case BindingKind::loss:
    return "the loss";
  case BindingKind::objective:
    return "the objective";
  case BindingKind::grad:
    return "the gradient of '" + binding.name + "'";
  case BindingKind::metric:
    return binding.name;
  case BindingKind::param:
    return "parameter '" + binding.name + "'";
  case BindingKind::opt:
    return "optimizer state '" + binding.name + "'";
  case BindingKind::stream:
    return "stream state '" + binding.name + "'";
  default:
    return "model state '" + binding.name + "'";
  }
}

/// A whole buffer, as one value.
static TensorView viewOf(const TensorType &type, std::byte *data) {
  TensorView view;
  view.type = &type;
  view.data = data;
  view.rows = type.shape.empty() ? 1 : type.shape[0];
  return view;
}

//===-- One launch after another -------------------------------------------------------===//

void NonFiniteTrace::beginRun(const Program &ofRun, const std::vector<std::byte *> &where, int64_t number) {
  if (origin)
    return;
  program = &ofRun;
  microBatch = number;
  buffers = where;
  regions.clear();
  nodes.clear();
  wasFinite.clear();
  given.clear();
  for (size_t i = 0; i < buffers.size(); ++i) {
    const Binding &binding = program->bindings[i];
    TensorType type{binding.type, binding.shape};
    wasFinite.push_back(binding.type != DType::f32 || read(viewOf(type, buffers[i])).summary.isFinite());
    if (keepGiven)
      given.push_back({binding, {buffers[i], buffers[i] + binding.bytes()}});
  }
}

/// The value that `tensor` is, or is a part of.
NonFiniteTrace::Region NonFiniteTrace::read(const TensorView &tensor) {
  auto after = regions.upper_bound(tensor.data);
  size_t writer = outside;
  if (after != regions.begin()) {
    auto &[begin, region] = *std::prev(after);
    if (begin == tensor.data && region.summary.elements == tensor.elements())
      return region;
    if (tensor.data < region.end)
      writer = region.writer;
  }
  Region part{tensor.data + tensor.bytes(), writer, summarize(tensor, pool)};
  if (writer == outside && (after == regions.end() || after->first >= part.end))
    regions.insert_or_assign(tensor.data, part);
  return part;
}

void NonFiniteTrace::write(const TensorView &tensor, size_t writer, ValueSummary summary) {
  const std::byte *end = tensor.data + tensor.bytes();
  auto it = regions.upper_bound(tensor.data);
  if (it != regions.begin() && std::prev(it)->second.end > tensor.data)
    --it;
  while (it != regions.end() && it->first < end)
    it = regions.erase(it);
  regions[tensor.data] = {end, writer, std::move(summary)};
}

void NonFiniteTrace::beforeLaunch(const LaunchView &launch) {
  current = {};
  if (origin)
    return;
  for (const TensorView &operand : launch.operands) {
    if (!isFloat(operand))
      continue;
    Region region = read(operand);
    current.operands.push_back(region.summary);
    current.operands.back().shape = operand.type->shape;
    if (!region.summary.isFinite()) {
      current.from.push_back(region.writer);
      current.takesNan |= region.summary.nans != 0;
    }
  }
}

NonFiniteTrace::Node NonFiniteTrace::makeNode(const TensorView &result, const ValueSummary &summary) const {
  Node node = current;
  node.result = summary;
  int64_t position = summary.firstNonFinite;
  node.value = readFloat(result, position);
  node.index.resize(summary.shape.size());
  for (size_t dim = summary.shape.size(); dim-- > 0; position /= summary.shape[dim])
    node.index[dim] = position % summary.shape[dim];
  if (result.offsets)
    node.expert = std::upper_bound(result.offsets, result.offsets + result.experts + 1, node.index.front()) - result.offsets - 1;
  return node;
}

void NonFiniteTrace::afterLaunch(const LaunchView &launch) {
  if (origin)
    return;
  for (const TensorView &result : launch.results) {
    ValueSummary summary;
    if (isFloat(result)) {
      summary = summarize(result, pool);
      noteLargest(launch, summary);
      if (!summary.isFinite() && !nodes.count(launch.index))
        nodes[launch.index] = makeNode(result, summary);
    }
    write(result, launch.index, std::move(summary));
  }
}

ObservedLaunch NonFiniteTrace::describe(size_t index) const {
  const Launch &launch = program->launches[index];
  return {program->name, microBatch, launch.name, launch.location, launch.op};
}

void NonFiniteTrace::noteLargest(const LaunchView &launch, const ValueSummary &summary) {
  float magnitude = std::max(std::abs(summary.minimum), std::abs(summary.maximum));
  bool isConstant = launch.operands.empty();
  if (isConstant || !summary.hasFinite() || (largest.size() == mostLargest && magnitude <= largest.back().magnitude))
    return;
  const std::string &location = launch.launch().location;
  auto same = std::find_if(largest.begin(), largest.end(), [&](const LargestValue &value) { return value.location == location; });
  if (same != largest.end() && same->magnitude >= magnitude)
    return;
  if (same != largest.end())
    largest.erase(same);
  LargestValue value;
  static_cast<ObservedLaunch &>(value) = describe(launch.index);
  value.magnitude = magnitude;
  auto place = std::find_if(largest.begin(), largest.end(), [&](const LargestValue &other) { return other.magnitude < magnitude; });
  largest.insert(place, std::move(value));
  if (largest.size() > mostLargest)
    largest.pop_back();
}

//===-- Back from what failed --------------------------------------------------------===//

void NonFiniteTrace::endRun() {
  if (origin)
    return;
  for (BindingKind kind : refused)
    for (size_t i = 0; i < buffers.size() && !origin; ++i) {
      const Binding &binding = program->bindings[i];
      if (binding.kind != kind || binding.type != DType::f32)
        continue;
      TensorType type{binding.type, binding.shape};
      Region region = read(viewOf(type, buffers[i]));
      bool isNew = region.writer != outside && (wasFinite[i] || !isKept(kind));
      if (isNew && !region.summary.isFinite())
        follow(findAncestors(region.writer), nameBuffer(binding));
    }
  lookAtChecks();
}

void NonFiniteTrace::lookAtChecks() {
  for (size_t i = 0; i < buffers.size(); ++i) {
    const Binding &binding = program->bindings[i];
    int32_t count = binding.kind == BindingKind::check ? *reinterpret_cast<const int32_t *>(buffers[i]) : 0;
    if (!count)
      continue;
    checkLocation = binding.location;
    checkMessage = describeFailedCheck(binding, count);
    std::vector<size_t> all;
    for (const auto &[index, node] : nodes)
      all.push_back(index);
    if (!origin && !all.empty())
      follow(all, "");
    return;
  }
}

/// The launches behind `launch` along values that are not finite, itself among them, in the order of the program.
std::vector<size_t> NonFiniteTrace::findAncestors(size_t launch) const {
  std::set<size_t> found{launch};
  std::vector<size_t> open{launch};
  while (!open.empty()) {
    size_t next = open.back();
    open.pop_back();
    for (size_t writer : nodes.at(next).from)
      if (writer != outside && found.insert(writer).second)
        open.push_back(writer);
  }
  return {found.begin(), found.end()};
}

void NonFiniteTrace::follow(const std::vector<size_t> &launches, std::string reached) {
  using Kind = NonFiniteOrigin::Kind;
  std::optional<std::pair<size_t, Kind>> best;
  auto offer = [&](size_t candidate, Kind kind) {
    if (!best || kind < best->second)
      best = {candidate, kind};
  };
  for (size_t index : launches) {
    const Node &node = nodes.at(index);
    bool isDeclared = program->launches[index].writesInfinity && node.result.nans == 0;
    bool takesOutside = std::find(node.from.begin(), node.from.end(), outside) != node.from.end();
    if (node.from.empty() && !isDeclared)
      offer(index, Kind::fromFinite);
    else if (node.result.nans && !node.takesNan)
      offer(index, Kind::nanFromInfinity);
    else if (node.from.empty() || takesOutside)
      offer(index, Kind::declaredInfinity);
  }
  if (!best) // a nan that was there before the run
    best = {launches.front(), Kind::declaredInfinity};
  const Node &node = nodes.at(best->first);
  origin.emplace();
  static_cast<ObservedLaunch &>(*origin) = describe(best->first);
  origin->kind = best->second;
  origin->reached = std::move(reached);
  origin->operands = node.operands;
  origin->result = node.result;
  origin->index = node.index;
  origin->value = node.value;
  origin->expert = node.expert;
}

void NonFiniteTrace::report(StepDiagnosis &diagnosis) const {
  diagnosis.checkLocation = checkLocation;
  diagnosis.checkMessage = checkMessage;
  diagnosis.origin = origin;
  diagnosis.largest = largest;
  diagnosis.given = given;
}
