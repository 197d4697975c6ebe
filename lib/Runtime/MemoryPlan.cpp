//===- MemoryPlan.cpp - what training takes ---------------------*- C++ -*-===//
#include "moe/MemoryPlan.h"

#include "moe/Runtime.h"

#include <set>

using namespace moe;

/// A buffer that several programs share counts once.
static void addShared(const Program &program, std::set<std::pair<BindingKind, std::string>> &seen, MemoryPlan &plan) {
  for (const Binding &binding : program.bindings) {
    if (!isShared(binding.kind) || !seen.emplace(binding.kind, binding.name).second)
      continue;
    switch (binding.kind) {
    case BindingKind::param:
      plan.parameters += binding.bytes();
      break;
    case BindingKind::grad:
      plan.gradients += binding.bytes();
      break;
    case BindingKind::opt:
      plan.optimizer += binding.bytes();
      break;
    default:
      plan.state += binding.bytes();
    }
  }
}

static int64_t streamBytes(const Program &program) {
  int64_t bytes = 0;
  for (const Binding &binding : program.bindings)
    if (binding.kind == BindingKind::stream)
      bytes += binding.bytes();
  return bytes;
}

MemoryPlan moe::planMemory(const std::vector<const Program *> &programs, int64_t microBatches, bool validates) {
  MemoryPlan plan;
  std::set<std::pair<BindingKind, std::string>> seen;
  int64_t validationStreams = 0;
  for (const Program *program : programs) {
    if (program->name == "decode")
      continue;
    addShared(*program, seen, plan);
    plan.arena += program->temporaryBytes(); // each has its own while it runs
    if (program->name == "train")
      plan.state += streamBytes(*program) * microBatches;
    else if (program->name == "eval" && validates)
      validationStreams = streamBytes(*program);
  }
  plan.state += validationStreams; // kept beside a copy, as a step's are
  plan.snapshot = plan.state;
  return plan;
}
