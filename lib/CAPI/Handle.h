//===- Handle.h - names of objects ------------------------------*- C++ -*-===//
//
// What a host holds is a number that was never given out before and says its type: a stale, foreign or damaged handle is found out without
// touching memory, and an object lives as long as a call, a tensor or another object uses it.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "lib/CAPI/Call.h"

#include <atomic>
#include <memory>

namespace moe::capi {

enum class ObjectKind : uintptr_t { model = 1, diagnostics, session, text, trainer, run };

/// The base of all that has a handle.
class Object {
public:
  virtual ~Object() = default;
  std::atomic<bool> inUse = false; ///< by the one call that may be under way, for the kinds that change
};

void *addHandle(std::shared_ptr<Object> object, ObjectKind kind);
/// Throws MOE_USAGE when there is no such object of this kind.
std::shared_ptr<Object> findHandle(const void *handle, ObjectKind kind);
void removeHandle(const void *handle, ObjectKind kind) noexcept;

/// A handle for a new object; `Handle` is the type in moe.h that `T` stands behind.
template <typename T>
typename T::Handle *makeHandle(std::shared_ptr<T> object) {
  return static_cast<typename T::Handle *>(addHandle(std::move(object), T::kind));
}

template <typename T>
std::shared_ptr<T> get(const typename T::Handle *handle) {
  return std::static_pointer_cast<T>(findHandle(handle, T::kind));
}

/// An object that one call uses at a time.
template <typename T>
class Exclusive {
public:
  explicit Exclusive(const typename T::Handle *handle) : object(get<T>(handle)) {
    if (object->inUse.exchange(true))
      throw Failure(MOE_USAGE, std::string("another call is under way on this ") + T::name);
  }
  ~Exclusive() { object->inUse = false; }
  Exclusive(const Exclusive &) = delete;
  T *operator->() const { return object.get(); }
  T &operator*() const { return *object; }
  const std::shared_ptr<T> &share() const { return object; }

private:
  std::shared_ptr<T> object;
};

} // namespace moe::capi

/// The types of moe.h have nothing behind them; these give them a size, so that pointers to them can be made.
struct moe_model {};
struct moe_diagnostics {};
struct moe_session {};
struct moe_text {};
struct moe_trainer {};
struct moe_run {};
