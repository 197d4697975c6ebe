//===- Runner.cpp - the launch loop -----------------------------*- C++ -*-===//
#include "moe/Runtime.h"

#include <algorithm>
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
  lendResults();
  return Status::success();
}

void Runner::lendResults() {
  for (size_t i = 0; i < bound.size(); ++i)
    if (const Binding &binding = program.bindings[i]; binding.arenaOffset >= 0)
      bound[i]->memory = AlignedBytes::lend(arena.data() + binding.arenaOffset, binding.bytes());
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

bool Runner::isResolved(int64_t microBatch) const {
  return resolvedFor == microBatch && std::equal(bound.begin(), bound.end(), resolvedAt.begin(), [](const Buffer *buffer, std::byte *at) { return buffer->memory.data() == at; });
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
  resolvedAt.clear();
  for (const Buffer *buffer : bound)
    resolvedAt.push_back(buffer->memory.data());
  resolvedFor = microBatch;
  return Status::success();
}

std::string moe::describeFailedCheck(const Binding &check, int32_t count) {
  std::string number = std::to_string(count);
  if (!check.message.empty())
    return check.message + " at " + number + (count == 1 ? " element" : " elements");
  return number + " more pair" + (count == 1 ? "" : "s") + " of token and expert " + (count == 1 ? "is" : "are") +
         " on than at_most allows (" + check.name + ")";
}

Status Runner::verifyChecks() const {
  for (size_t i = 0; i < bound.size(); ++i)
    if (program.bindings[i].kind == BindingKind::check)
      if (int32_t count = *bound[i]->as<int32_t>()) {
        const std::string &location = program.bindings[i].location;
        return Status::failure((location.empty() ? "" : location + ": ") + describeFailedCheck(program.bindings[i], count));
      }
  return Status::success();
}

//===-- Observed launches ------------------------------------------------------------===//

int64_t TensorView::elements() const {
  int64_t count = rows;
  for (size_t i = 1; i < type->shape.size(); ++i)
    count *= type->shape[i];
  return count;
}

Status Runner::observe(RunObserver *newObserver) {
  if (newObserver)
    for (const Launch &launch : program.launches)
      if (launch.info.size() + (launch.workspace > 0) != launch.args.size())
        return Status::failure("the launches of @" + program.name + " do not say what their arguments are");
  observer = newObserver;
  return Status::success();
}

LaunchView Runner::makeView(size_t index, void *const *arg, int64_t microBatch) const {
  const Launch &launch = program.launches[index];
  LaunchView view{program, index, executable.kernels[launch.kernel], {}, {}, {}, {}, {}};
  for (size_t i = 0; i < launch.info.size(); ++i) {
    TensorView tensor;
    tensor.type = &executable.types[launch.info[i].type];
    tensor.data = static_cast<std::byte *>(arg[i]);
    tensor.rows = tensor.type->shape.empty() ? 1 : tensor.type->shape[0];
    if (launch.info[i].routing >= 0) {
      const RoutedRows &routing = program.routings[static_cast<size_t>(launch.info[i].routing)];
      tensor.offsets = reinterpret_cast<const int32_t *>(address(routing.offsets, microBatch));
      tensor.experts = routing.experts;
      tensor.rows = std::clamp<int64_t>(tensor.offsets[routing.experts], 0, tensor.rows);
    }
    (i < launch.operands ? view.operands : view.results).push_back(tensor);
  }
  return view;
}

void Runner::runObserved(int64_t microBatch) {
  std::vector<std::byte *> buffers;
  for (uint32_t i = 0; i < bound.size(); ++i)
    buffers.push_back(address({BufferRef::Space::binding, i, 0}, microBatch));
  observer->beginRun(program, buffers, microBatch);
  void *const *arg = args.data();
  for (size_t i = 0; i < program.launches.size(); ++i) {
    const Launch &launch = program.launches[i];
    LaunchView view = makeView(i, arg, microBatch);
    observer->beforeLaunch(view);
    view.begin = std::chrono::steady_clock::now();
    pool.launch(view.kernel.function, arg, launch.blocks, view.threads);
    view.end = std::chrono::steady_clock::now();
    observer->afterLaunch(view);
    arg += launch.args.size();
  }
  observer->endRun();
}

//===-- Running ----------------------------------------------------------------------===//

Status Runner::run(int64_t microBatch) {
  lendResults();
  if (!isResolved(microBatch))
    if (Status status = resolve(microBatch); !status)
      return status;
  if (observer) {
    runObserved(microBatch);
    return verifyChecks();
  }
  void *const *arg = args.data();
  for (const Launch &launch : program.launches) {
    pool.launch(executable.kernels[launch.kernel].function, arg, launch.blocks);
    arg += launch.args.size();
  }
  return verifyChecks();
}
