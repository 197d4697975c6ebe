//===- Runtime.h - running executables --------------------------*- C++ -*-===//
//
// Buffers, threads and the launch loop. Knows nothing of LLVM: it runs whatever executable it is given.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "moe/Executable.h"
#include "moe/Status.h"

#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace moe {

/// What one thread did of a launch.
struct ThreadWork {
  int64_t blocks = 0;
  std::chrono::steady_clock::time_point begin, end; ///< of its first block, and of its last
  std::chrono::steady_clock::duration busy{};       ///< between the two, in blocks
};

/// A fixed number of threads that share the blocks of a launch. Which thread runs a block never changes a result.
class ThreadPool {
public:
  /// 0: as many as the process may use.
  explicit ThreadPool(int threads = 0);
  ~ThreadPool();
  int threads() const { return count; }
  void launch(KernelFn kernel, void *const *args, int64_t blocks);
  /// The same, and says what each thread did of it.
  void launch(KernelFn kernel, void *const *args, int64_t blocks, std::vector<ThreadWork> &work);

private:
  struct Impl;
  std::unique_ptr<Impl> impl;
  int count;
};

/// Zeroed memory aligned to 64 bytes. Pages that nobody touches cost nothing.
class AlignedBytes {
public:
  AlignedBytes() = default;
  explicit AlignedBytes(int64_t bytes);
  /// Bytes that somebody else owns.
  static AlignedBytes lend(std::byte *bytes, int64_t count);
  std::byte *data() const { return aligned; }
  int64_t size() const { return bytes; }

private:
  struct Free {
    void operator()(void *p) const { std::free(p); }
  };
  std::unique_ptr<void, Free> memory;
  std::byte *aligned = nullptr;
  int64_t bytes = 0;
};

/// A named buffer. `binding.shape` is the shape of the whole buffer: where a program sees one micro-batch of it, its first
/// extent is `parts` times the program's.
struct Buffer {
  Binding binding;
  int64_t parts = 1;
  AlignedBytes memory;

  template <typename T>
  T *as() const {
    return reinterpret_cast<T *>(memory.data());
  }
  int64_t elements() const { return binding.elements(); }
  int64_t bytes() const { return binding.bytes(); }
};

/// True for the kinds of which a model has one buffer whatever program uses it: param, state, opt, grad, tally. All
/// others (streams, inputs, losses, ...) belong to one use of a program, so that validation never touches training's.
bool isShared(BindingKind kind);

/// True for the kinds that a micro-batch sees a part of: stream and input.
bool isPerRow(BindingKind kind);

/// Buffers by kind and name.
class BufferStore {
public:
  /// Adds the shared buffers that `program` mentions and the store does not hold yet. Fails when one is held with another
  /// type or shape.
  Status addShared(const Program &program);
  /// Adds the other buffers of `program`; streams and inputs get `microBatches` times its rows.
  Status addLocal(const Program &program, int64_t microBatches = 1);

  Buffer *find(BindingKind kind, std::string_view name);
  const Buffer *find(BindingKind kind, std::string_view name) const;
  /// In the order of kinds, then names.
  std::vector<Buffer *> all(BindingKind kind);
  std::vector<const Buffer *> all(BindingKind kind) const;

  /// Gives every buffer its first value. What a parameter gets depends on the seed, its name and its shape alone.
  void initialize(uint64_t seed);
  /// Gives the streams their first value (all batch rows).
  void resetStreams();

private:
  Status add(const Binding &binding, int64_t parts);
  std::map<std::pair<BindingKind, std::string>, std::unique_ptr<Buffer>, std::less<>> buffers;
};

/// Fills `buffer` as its initialiser says, from random numbers keyed by `seed` and the buffer's name.
void initialize(Buffer &buffer, uint64_t seed);

/// What a check says that counted so many, without its place.
std::string describeFailedCheck(const Binding &check, int32_t count);

/// An operand or result of a launch as it lies in memory.
struct TensorView {
  const TensorType *type = nullptr;
  std::byte *data = nullptr;
  int64_t rows = 1;                 ///< of the leading axis, those that hold something: the rest of a routing's rows were never computed
  const int32_t *offsets = nullptr; ///< where the rows of each expert begin, then the end; null: not the rows of a routing
  int64_t experts = 0;

  /// Those that hold something: the first so many.
  int64_t elements() const;
  int64_t bytes() const { return elements() * byteWidth(type->type); }
};

/// A launch with its arguments; valid until the observer returns.
struct LaunchView {
  const Program &program;
  size_t index; ///< among the program's launches
  const Kernel &kernel;
  std::vector<TensorView> operands, results;
  std::chrono::steady_clock::time_point begin, end; ///< when it ran; known after it
  std::vector<ThreadWork> threads;                  ///< by thread; known after it

  const Launch &launch() const { return program.launches[index]; }
};

/// Told of every launch of a runner's runs, one after another, on the thread that runs it. Nothing else runs meanwhile.
class RunObserver {
public:
  virtual ~RunObserver() = default;
  /// Before the first launch; `buffers` are where the program's bindings lie in this run, and hold what it is given.
  virtual void beginRun(const Program &program, const std::vector<std::byte *> &buffers, int64_t microBatch) = 0;
  /// Results may lie where operands lie: what is asked about operands is asked here.
  virtual void beforeLaunch(const LaunchView &launch) = 0;
  virtual void afterLaunch(const LaunchView &launch) = 0;
  /// After the last launch, before the checks are looked at.
  virtual void endRun() = 0;
};

/// A program bound to its buffers, with its own arena.
class Runner {
public:
  /// The executable and the program must outlive the runner.
  Runner(const Executable &executable, const Program &program, ThreadPool &pool);

  /// Looks up every binding of the program in `stores`, the first that has it wins. The stores must outlive the runner. Results that lie in the program's arena are
  /// the stores' buffers from now on, and whenever the program has run.
  Status bind(std::initializer_list<BufferStore *> stores);

  /// Runs all launches in order for one micro-batch, then looks at the program's checks: one that is not 0 fails the run
  /// with its name and its place in the source.
  Status run(int64_t microBatch = 0);

  /// Null: nobody is told. The observer must outlive the runs. Fails for a program whose launches do not know their arguments.
  Status observe(RunObserver *observer);

private:
  void lendResults();
  bool isResolved(int64_t microBatch) const;
  Status resolve(int64_t microBatch);
  void runObserved(int64_t microBatch);
  LaunchView makeView(size_t index, void *const *arg, int64_t microBatch) const;
  Status verifyChecks() const;
  std::byte *address(const BufferRef &ref, int64_t microBatch) const;

  const Executable &executable;
  const Program &program;
  ThreadPool &pool;
  AlignedBytes arena, constants;
  std::vector<Buffer *> bound;  ///< one a binding
  std::vector<void *> args;     ///< of all launches, one after another
  std::vector<std::byte *> resolvedAt; ///< where the bound buffers were then: another runner of the program may have lent other memory since
  int64_t resolvedFor = -1;     ///< the micro-batch `args` point at
  RunObserver *observer = nullptr;
};

} // namespace moe
