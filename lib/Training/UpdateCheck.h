//===- UpdateCheck.h - what an update would make ----------------*- C++ -*-===//
#pragma once

#include "lib/Training/Snapshot.h"

#include <functional>

namespace moe {

/// Asks @check_update whether a gradient is not finite or @update, which writes in place, would make something that is not. So nothing has to be copied before an update.
class UpdateCheck {
public:
  static constexpr std::string_view programName = "check_update";

  /// `local` holds what @update alone reads, such as the number of the step. Stores and pool must outlive this.
  Status prepare(const Executable &executable, BufferStore &local, BufferStore &shared, ThreadPool &pool);
  /// The same of another executable of the model, with the buffers of this one.
  Status makeRunner(const Executable &executable, std::unique_ptr<Runner> &runner);

  /// Fails when something is not finite, or when an assertion of the update does not hold. What failed says `update`, which looks at the gradients, updates and looks at all that was
  /// written, given what was there before. Afterwards everything is as it was.
  Status run(const std::function<Status(const Snapshot &before)> &update);

  std::unique_ptr<Runner> runner;

private:
  BufferStore own; ///< the count
  BufferStore *local = nullptr, *shared = nullptr;
  ThreadPool *pool = nullptr;
};

/// What an update writes of these.
std::vector<Buffer *> updatedBuffers(BufferStore &shared);

} // namespace moe
