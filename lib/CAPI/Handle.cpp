//===- Handle.cpp - names of objects ----------------------------*- C++ -*-===//
#include "lib/CAPI/Handle.h"
#include "lib/CAPI/Objects.h"

#include <mutex>
#include <shared_mutex>
#include <unordered_map>

using namespace moe;
using namespace moe::capi;

static_assert(sizeof(void *) == 8, "a handle is a serial number and four bits of its kind");
static constexpr int kindBits = 4;
static constexpr const char *names[] = {"", "moe_model", "moe_diagnostics", "moe_session", "moe_text", "moe_trainer", "moe_run"};

namespace {
struct Registry {
  std::shared_mutex mutex;
  std::unordered_map<uintptr_t, std::shared_ptr<Object>> objects;
  uintptr_t last = 0;
};
} // namespace

/// Never destroyed: a host may free handles while the process ends.
static Registry &registry() {
  static auto &made = *new Registry;
  return made;
}

void *capi::addHandle(std::shared_ptr<Object> object, ObjectKind kind) {
  Registry &all = registry();
  std::unique_lock lock(all.mutex);
  uintptr_t handle = (all.last + 1) << kindBits | static_cast<uintptr_t>(kind);
  all.objects.emplace(handle, std::move(object));
  ++all.last;
  return reinterpret_cast<void *>(handle);
}

std::shared_ptr<Object> capi::findHandle(const void *handle, ObjectKind kind) {
  std::string expected = names[static_cast<size_t>(kind)];
  if (!handle)
    throw Failure(MOE_USAGE, "the " + expected + " is NULL");
  Registry &all = registry();
  auto key = reinterpret_cast<uintptr_t>(handle);
  std::shared_lock lock(all.mutex);
  auto found = all.objects.find(key);
  uintptr_t isKind = key & ((1 << kindBits) - 1);
  if (found != all.objects.end() && isKind == static_cast<uintptr_t>(kind))
    return found->second;
  bool wasGiven = isKind >= 1 && isKind < std::size(names) && key >> kindBits <= all.last;
  if (!wasGiven)
    throw Failure(MOE_USAGE, "this is no handle; a " + expected + " was expected");
  if (isKind != static_cast<uintptr_t>(kind))
    throw Failure(MOE_USAGE, std::string("this is a ") + names[isKind] + "; a " + expected + " was expected");
  throw Failure(MOE_USAGE, "the " + expected + " was destroyed before");
}

void capi::removeHandle(const void *handle, ObjectKind kind) noexcept {
  auto key = reinterpret_cast<uintptr_t>(handle);
  if ((key & ((1 << kindBits) - 1)) != static_cast<uintptr_t>(kind))
    return;
  std::shared_ptr<Object> last; // goes after the lock: a destructor may take long
  Registry &all = registry();
  std::unique_lock lock(all.mutex);
  if (auto found = all.objects.find(key); found != all.objects.end()) {
    last = std::move(found->second);
    all.objects.erase(found);
  }
  lock.unlock();
}

//===-- moe.h ----------------------------------------------------------------------===//

void moe_model_destroy(moe_model *model) { removeHandle(model, ObjectKind::model); }
void moe_diagnostics_destroy(moe_diagnostics *diagnostics) { removeHandle(diagnostics, ObjectKind::diagnostics); }
void moe_session_destroy(moe_session *session) { removeHandle(session, ObjectKind::session); }
void moe_text_destroy(moe_text *text) { removeHandle(text, ObjectKind::text); }
void moe_trainer_destroy(moe_trainer *trainer) { removeHandle(trainer, ObjectKind::trainer); }
void moe_run_destroy(moe_run *run) { removeHandle(run, ObjectKind::run); }
