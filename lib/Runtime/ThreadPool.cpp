//===- ThreadPool.cpp - blocks of a launch over threads ---------*- C++ -*-===//
#include "moe/Runtime.h"
#include "moe/Threads.h"

#include <algorithm>
#include <tbb/blocked_range.h>
#include <tbb/global_control.h>
#include <tbb/info.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

using namespace moe;

struct ThreadPool::Impl {
  explicit Impl(int threads)
      : limit(tbb::global_control::max_allowed_parallelism, std::max(threads, tbb::info::default_concurrency())),
        arena(threads) {}
  tbb::global_control limit; ///< more threads than cores must be allowed first
  tbb::task_arena arena;
};

/// Numbers of a host or a file may be anything.
ThreadPool::ThreadPool(int threads) : count(threads > 0 ? std::min(threads, mostThreads) : tbb::info::default_concurrency()) {
  impl = std::make_unique<Impl>(count);
}

ThreadPool::~ThreadPool() = default;

void ThreadPool::launch(KernelFn kernel, void *const *args, int64_t blocks) {
  if (count == 1 || blocks == 1)
    return kernel(args, 0, blocks);
  // Ranges are split on demand, not evenly: the groups of a routed kernel differ in size.
  impl->arena.execute([&] {
    tbb::parallel_for(tbb::blocked_range<int64_t>(0, blocks),
                      [&](const tbb::blocked_range<int64_t> &range) { kernel(args, range.begin(), range.end()); });
  });
}

/// Runs blocks [begin, end) as `launch` does.
static void runTimed(KernelFn kernel, void *const *args, int64_t begin, int64_t end, ThreadWork &work) {
  auto start = std::chrono::steady_clock::now();
  kernel(args, begin, end);
  if (work.blocks == 0)
    work.begin = start;
  work.end = std::chrono::steady_clock::now();
  work.busy += work.end - start;
  work.blocks += end - begin;
}

void ThreadPool::launch(KernelFn kernel, void *const *args, int64_t blocks, std::vector<ThreadWork> &work) {
  work.assign(static_cast<size_t>(count), {});
  if (count == 1 || blocks == 1)
    return runTimed(kernel, args, 0, blocks, work[0]);
  impl->arena.execute([&] {
    tbb::parallel_for(tbb::blocked_range<int64_t>(0, blocks), [&](const tbb::blocked_range<int64_t> &range) {
      runTimed(kernel, args, range.begin(), range.end(), work[static_cast<size_t>(tbb::this_task_arena::current_thread_index())]);
    });
  });
}
