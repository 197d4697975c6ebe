//===- Ceilings.cpp - what this machine can do ------------------------------===//
#include "tools/moec/Ceilings.h"

#include <algorithm>
#include <atomic>
#include <barrier>
#include <chrono>
#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

using namespace moe::cli;

//===-- Loops of one thread ------------------------------------------------------------===//

// Each is written once for vectors of any width and compiled for the widths that a processor may have.

template <int lanes>
struct Lanes {
  typedef float Floats __attribute__((vector_size(lanes * sizeof(float))));
  typedef int32_t Ints __attribute__((vector_size(lanes * sizeof(float))));
};

/// As many as hide the latency of a multiply-add and fit in 16 registers.
constexpr int chains = 12;

/// `rounds` of `chains` multiply-adds of vectors.
template <int lanes>
[[gnu::always_inline]] inline float multiplyAdd(int64_t rounds) {
  using Floats = typename Lanes<lanes>::Floats;
  Floats sums[chains], factor = Floats{} + 0.999f, term = Floats{} + 1e-3f;
  for (int c = 0; c < chains; ++c)
    sums[c] = Floats{} + static_cast<float>(c);
  for (int64_t r = 0; r < rounds; ++r)
    for (int c = 0; c < chains; ++c)
      sums[c] = sums[c] * factor + term;
  for (int c = 1; c < chains; ++c)
    sums[0] += sums[c];
  return sums[0][0];
}

/// exp(-x) within 2e-7 of its value for |x| < 80, with as few operations as that takes.
template <int lanes>
[[gnu::always_inline]] inline typename Lanes<lanes>::Floats expMinus(typename Lanes<lanes>::Floats x) {
  using Ints = typename Lanes<lanes>::Ints;
  constexpr float round = 12582912; // 1.5 * 2^23: adding it leaves the integer in the low bits
  auto shifted = x * -1.44269504f + round;
  auto power = shifted - round;
  auto rest = power * -0.693147181f - x;
  auto y = rest * 1.3888889e-3f + 8.3333333e-3f;
  y = y * rest + 4.1666667e-2f;
  y = y * rest + 1.6666667e-1f;
  y = y * rest + 0.5f;
  y = y * rest + 1.0f;
  y = y * rest + 1.0f;
  return reinterpret_cast<decltype(y)>(reinterpret_cast<Ints>(y) + (reinterpret_cast<Ints>(shifted) << 23));
}

template <int lanes>
[[gnu::always_inline]] inline float exponentials(int64_t rounds) {
  using Floats = typename Lanes<lanes>::Floats;
  Floats values[chains];
  for (int c = 0; c < chains; ++c)
    values[c] = Floats{} + 0.1f * static_cast<float>(c);
  for (int64_t r = 0; r < rounds; ++r)
    for (int c = 0; c < chains; ++c)
      values[c] = expMinus<lanes>(values[c]);
  for (int c = 1; c < chains; ++c)
    values[0] += values[c];
  return values[0][0];
}

struct Loops {
  int lanes;
  float (*multiplyAdd)(int64_t), (*exponentials)(int64_t);
};

#if defined(__x86_64__)
/// `rounds` of `chains` instructions that add to each of 16 sums two products of bf16.
[[gnu::target("avx512f,avx512bf16")]] static float multiplyAddNarrow(int64_t rounds) {
  __m512 sums[chains];
  auto factor = reinterpret_cast<__m512bh>(_mm512_set1_epi16(0x3f80)), term = reinterpret_cast<__m512bh>(_mm512_set1_epi16(0x3a83)); // 1 and 1e-3
  for (int c = 0; c < chains; ++c)
    sums[c] = _mm512_set1_ps(static_cast<float>(c));
  for (int64_t r = 0; r < rounds; ++r)
    for (int c = 0; c < chains; ++c)
      sums[c] = _mm512_dpbf16_ps(sums[c], factor, term);
  for (int c = 1; c < chains; ++c)
    sums[0] = _mm512_add_ps(sums[0], sums[c]);
  return _mm512_cvtss_f32(sums[0]);
}
[[gnu::target("avx512f")]] static float multiplyAdd16(int64_t rounds) { return multiplyAdd<16>(rounds); }
[[gnu::target("avx512f")]] static float exponentials16(int64_t rounds) { return exponentials<16>(rounds); }
[[gnu::target("avx2,fma")]] static float multiplyAdd8(int64_t rounds) { return multiplyAdd<8>(rounds); }
[[gnu::target("avx2,fma")]] static float exponentials8(int64_t rounds) { return exponentials<8>(rounds); }
#endif
static float multiplyAdd4(int64_t rounds) { return multiplyAdd<4>(rounds); }
static float exponentials4(int64_t rounds) { return exponentials<4>(rounds); }

static Loops findLoops() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f"))
    return {16, multiplyAdd16, exponentials16};
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    return {8, multiplyAdd8, exponentials8};
#endif
  return {4, multiplyAdd4, exponentials4};
}

/// Null: the processor multiplies no bf16.
static float (*findNarrowLoop())(int64_t) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512bf16"))
    return multiplyAddNarrow;
#endif
  return nullptr;
}

static float readAll(const std::vector<float> &data) {
  using Floats = Lanes<16>::Floats;
  Floats sums[4] = {};
  for (size_t i = 0; i + 64 <= data.size(); i += 64)
    for (size_t c = 0; c < 4; ++c) {
      Floats value;
      __builtin_memcpy(&value, data.data() + i + 16 * c, sizeof value);
      sums[c] += value;
    }
  return (sums[0] + sums[1] + sums[2] + sums[3])[0];
}

//===-- All threads at once ------------------------------------------------------------===//

/// What a loop computed goes here, so that it is not removed.
static std::atomic<float> sink;

/// The shortest time in which all threads do `work`, of a few tries.
static double bestSeconds(int threads, const std::function<float(int thread)> &work) {
  constexpr int tries = 5;
  using Clock = std::chrono::steady_clock;
  std::vector<Clock::time_point> begins(threads), ends(threads);
  std::vector<double> seconds;
  std::barrier<> together(threads);
  auto run = [&](int thread) {
    for (int t = 0; t < tries; ++t) {
      together.arrive_and_wait();
      begins[thread] = Clock::now();
      sink.store(work(thread), std::memory_order_relaxed);
      ends[thread] = Clock::now();
      together.arrive_and_wait();
      if (thread == 0)
        seconds.push_back(std::chrono::duration<double>(*std::max_element(ends.begin(), ends.end()) - *std::min_element(begins.begin(), begins.end())).count());
    }
  };
  std::vector<std::jthread> others;
  for (int thread = 1; thread < threads; ++thread)
    others.emplace_back(run, thread);
  run(0);
  others.clear();
  return *std::min_element(seconds.begin(), seconds.end());
}

Ceilings moe::cli::measureCeilings(int threads) {
  constexpr int64_t rounds = 4'000'000, expRounds = rounds / 8;
  constexpr size_t floats = size_t(32) << 20; // a thread; beyond what caches hold
  Loops loops = findLoops();
  double vectors = static_cast<double>(threads) * loops.lanes * chains;
  Ceilings found;
  found.flop = 2 * vectors * rounds / bestSeconds(threads, [&](int) { return loops.multiplyAdd(rounds); });
  found.functions = vectors * expRounds / bestSeconds(threads, [&](int) { return loops.exponentials(expRounds); });
  if (auto narrow = findNarrowLoop()) {
    constexpr double flopOfOne = 16 * 2 * 2;
    found.narrowFlop = flopOfOne * threads * chains * rounds / bestSeconds(threads, [&](int) { return narrow(rounds); });
  }
  std::vector<std::vector<float>> data(threads, std::vector<float>(floats, 1));
  found.bytes = static_cast<double>(threads * floats * sizeof(float)) / bestSeconds(threads, [&](int thread) { return readAll(data[thread]); });
  return found;
}

Ceilings moe::cli::best(const Ceilings &a, const Ceilings &b) {
  return {std::max(a.flop, b.flop), std::max(a.functions, b.functions), std::max(a.bytes, b.bytes), std::max(a.narrowFlop, b.narrowFlop)};
}
