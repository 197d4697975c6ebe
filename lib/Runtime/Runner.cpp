//===- Runner.cpp - the launch loop -----------------------------*- C++ -*-===//
#include "moe/Runtime.h"

#include <chrono>
#include <cstring>

using namespace moe;

Runner::Runner(const Executable &executable, const Program &program, ThreadPool &pool)
    : executable(executable), program(program), pool(pool), arena(program.arenaBytes),
      constants(static_cast<int64_t>(executable.constants.size())) {
  if (!executable.constants.empty())
    std::memcpy(constants.data(), executable.constants.data(), executable.constants.size());
}

static std::string describe(const Binding &binding) {
  return std::string(toString(binding.kind)) + " '" + binding.name + "'";
}

Status Runner::bind(std::initializer_list<BufferStore *> stores) {
  bound.clear();
  resolvedFor = -1;
  for (const Binding &binding : program.bindings) {
    Buffer *found = nullptr;
    for (BufferStore *store : stores)
      if (!found)
        found = store->find(binding.kind, binding.name);
    if (!found)
      return Status::failure("@" + program.name + " needs " + describe(binding) + ", which no store holds");
    if (found->binding.type != binding.type || found->bytes() != binding.bytes() * found->parts)
      return Status::failure(describe(binding) + " of @" + program.name + " is bound to a buffer of another shape");
    bound.push_back(found);
  }
  return Status::success();
}

std::byte *Runner::address(const BufferRef &ref, int64_t microBatch) const {
  switch (ref.space) {
  case BufferRef::Space::arena:
    return arena.data() + ref.offset;
  case BufferRef::Space::constant:
    return constants.data() + ref.offset;
  case BufferRef::Space::binding:
    break;
  }
  const Buffer &buffer = *bound[ref.binding];
  int64_t part = buffer.parts == 1 ? 0 : microBatch * program.bindings[ref.binding].bytes();
  return buffer.memory.data() + part + ref.offset;
}

Status Runner::resolve(int64_t microBatch) {
  if (bound.size() != program.bindings.size())
    return Status::failure("@" + program.name + " was run before its buffers were bound");
  for (const Buffer *buffer : bound)
    if (buffer->parts != 1 && microBatch >= buffer->parts)
      return Status::failure("@" + program.name + " was asked for micro-batch " + std::to_string(microBatch) + " of " +
                             std::to_string(buffer->parts));
  args.clear();
  for (const Launch &launch : program.launches)
    for (const BufferRef &ref : launch.args)
      args.push_back(address(ref, microBatch));
  resolvedFor = microBatch;
  return Status::success();
}

/// The place of the launch that writes a binding (results come last among a launch's arguments).
static std::string locationOf(const Program &program, uint32_t binding) {
  std::string location;
  for (const Launch &launch : program.launches)
    for (const BufferRef &ref : launch.args)
      if (ref.space == BufferRef::Space::binding && ref.binding == binding)
        location = launch.location;
  return location;
}

/// A check counts the pairs for which a routing has no row: how many there may be is what `at_most` promised.
Status Runner::verifyChecks() const {
  for (uint32_t i = 0; i < bound.size(); ++i) {
    if (program.bindings[i].kind != BindingKind::check)
      continue;
    int32_t value = *bound[i]->as<int32_t>();
    if (value == 0)
      continue;
    std::string location = locationOf(program, i);
    return Status::failure((location.empty() ? "" : location + ": ") + std::to_string(value) + " more pair" + (value == 1 ? "" : "s") +
                           " of token and expert " + (value == 1 ? "is" : "are") + " on than at_most allows (" + program.bindings[i].name + ")");
  }
  return Status::success();
}

Status Runner::run(int64_t microBatch) {
  if (resolvedFor != microBatch)
    if (Status status = resolve(microBatch); !status)
      return status;
  using Clock = std::chrono::steady_clock;
  void *const *arg = args.data();
  for (size_t i = 0; i < program.launches.size(); ++i) {
    const Launch &launch = program.launches[i];
    Clock::time_point begin = profile.empty() ? Clock::time_point() : Clock::now();
    pool.launch(executable.kernels[launch.kernel].function, arg, launch.blocks);
    if (!profile.empty()) {
      profile[i].seconds += std::chrono::duration<double>(Clock::now() - begin).count();
      ++profile[i].runs;
    }
    arg += launch.args.size();
  }
  return verifyChecks();
}

std::vector<LaunchProfile> Runner::getProfile() const {
  std::vector<LaunchProfile> rows;
  for (size_t i = 0; i < profile.size(); ++i) {
    const Launch &launch = program.launches[i];
    rows.push_back({&launch, executable.kernels[launch.kernel].symbol, profile[i].runs, profile[i].seconds});
  }
  return rows;
}
