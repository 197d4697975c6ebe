//===- Buffers.cpp - named memory -------------------------------*- C++ -*-===//
#include "moe/Runtime.h"

#include <new>
#include <sys/mman.h>
#include <unistd.h>

using namespace moe;

static constexpr uintptr_t alignment = 64;

/// Kernels walk columns of large matrices: with small pages each element would lie in a page of its own.
static void preferHugePages(void *memory, int64_t bytes) {
  constexpr int64_t worthwhile = int64_t(4) << 20;
  if (bytes < worthwhile)
    return;
  uintptr_t page = sysconf(_SC_PAGESIZE), first = (reinterpret_cast<uintptr_t>(memory) + page - 1) & ~(page - 1);
  madvise(reinterpret_cast<void *>(first), bytes - static_cast<int64_t>(page), MADV_HUGEPAGE); // advice: a refusal changes nothing
}

AlignedBytes::AlignedBytes(int64_t bytes) : bytes(bytes) {
  // calloc gives untouched zero pages for large sizes; aligned_alloc would have to be cleared by hand.
  memory.reset(std::calloc(static_cast<size_t>(bytes) + alignment, 1));
  if (!memory)
    throw std::bad_alloc();
  preferHugePages(memory.get(), bytes);
  uintptr_t address = reinterpret_cast<uintptr_t>(memory.get());
  aligned = reinterpret_cast<std::byte *>((address + alignment - 1) & ~(alignment - 1));
}

AlignedBytes AlignedBytes::lend(std::byte *bytes, int64_t count) {
  AlignedBytes lent;
  lent.aligned = bytes;
  lent.bytes = count;
  return lent;
}

bool moe::isShared(BindingKind kind) {
  switch (kind) {
  case BindingKind::param:
  case BindingKind::state:
  case BindingKind::tally:
  case BindingKind::opt:
  case BindingKind::grad:
    return true;
  default:
    return false;
  }
}

bool moe::isPerRow(BindingKind kind) { return kind == BindingKind::stream || kind == BindingKind::input; }

Status BufferStore::add(const Binding &binding, int64_t parts) {
  Binding whole = binding;
  if (parts != 1)
    whole.shape.at(0) *= parts;
  std::unique_ptr<Buffer> &slot = buffers[{binding.kind, binding.name}];
  if (slot && (slot->binding.type != whole.type || slot->binding.shape != whole.shape))
    return Status::failure(std::string(toString(binding.kind)) + " '" + binding.name +
                           "' has different shapes in different programs");
  bool isLent = binding.arenaOffset >= 0; // by the runner of its program
  if (!slot) {
    slot = std::make_unique<Buffer>();
    if (!isLent)
      slot->memory = AlignedBytes(whole.bytes());
    slot->binding = std::move(whole);
    slot->parts = parts;
  } else if (isLent) {
    slot->memory = {};
  }
  return Status::success();
}

Status BufferStore::addShared(const Program &program) {
  for (const Binding &binding : program.bindings)
    if (isShared(binding.kind))
      if (Status status = add(binding, 1); !status)
        return status;
  return Status::success();
}

Status BufferStore::addLocal(const Program &program, int64_t microBatches) {
  for (const Binding &binding : program.bindings)
    if (!isShared(binding.kind))
      if (Status status = add(binding, isPerRow(binding.kind) ? microBatches : 1); !status)
        return status;
  return Status::success();
}

const Buffer *BufferStore::find(BindingKind kind, std::string_view name) const {
  auto it = buffers.find(std::pair<BindingKind, std::string>(kind, name));
  return it == buffers.end() ? nullptr : it->second.get();
}

Buffer *BufferStore::find(BindingKind kind, std::string_view name) {
  return const_cast<Buffer *>(std::as_const(*this).find(kind, name));
}

std::vector<const Buffer *> BufferStore::all(BindingKind kind) const {
  std::vector<const Buffer *> found;
  for (const auto &[key, buffer] : buffers)
    if (key.first == kind)
      found.push_back(buffer.get());
  return found;
}

std::vector<Buffer *> BufferStore::all(BindingKind kind) {
  std::vector<Buffer *> found;
  for (const auto &[key, buffer] : buffers)
    if (key.first == kind)
      found.push_back(buffer.get());
  return found;
}

void BufferStore::initialize(uint64_t seed) {
  for (const auto &[key, buffer] : buffers)
    if (buffer->memory.data()) // else it is made anew before anybody reads it
      moe::initialize(*buffer, seed);
}

void BufferStore::resetStreams() {
  for (Buffer *buffer : all(BindingKind::stream))
    moe::initialize(*buffer, 0);
}
