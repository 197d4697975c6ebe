//===- Executable.h - a compiled model as data -----------------*- C++ -*-===//
//
// What the compiler hands to the runtime: kernels, and for each program a flat schedule of launches over the offsets of a
// planned arena and over named bindings. Plain data; knows nothing of LLVM.
//
//===----------------------------------------------------------------------===//
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace moe {

/// i1 holds one byte an element. bf16 occurs inside of programs only: what a host gives and gets is of the other types.
enum class DType : uint8_t { f32, i32, i1, bf16 };

inline int64_t byteWidth(DType type) { return type == DType::i1 ? 1 : type == DType::bf16 ? 2 : 4; }

/// What a named buffer is for. The text forms are the `kind` of moe.arg and moe.res.
enum class BindingKind : uint8_t {
  param,     ///< trained; has an initialiser
  state,     ///< model state: saved, written by training, read-only in evaluation
  stream,    ///< one row per batch row; reset when the stream restarts
  tally,     ///< accumulates over the micro-batches of a step; zeroed by `update`
  opt,       ///< optimiser state
  grad,      ///< gradient of the parameter of the same name
  input,     ///< `tokens`, `targets` (i32 [B, T])
  key,       ///< i32 [3]: two words of the seed, number of the micro-batch since the start
  step,      ///< i32 []: number of the step, from 1
  objective, ///< f32 []: what is differentiated (loss and auxiliary losses)
  loss,      ///< f32 []: mean negative log-likelihood of the micro-batch, in nats
  aux,       ///< f32 []: a named auxiliary loss
  probe,     ///< a recorded value
  logits,    ///< f32 [B, T, V]
  metric,    ///< f32 []: a number of the update (learning rate, gradient norm)
  check      ///< i32 []: must be 0 after every run
};
const char *toString(BindingKind kind);
bool fromString(const std::string &text, BindingKind &kind);

/// How a parameter or state starts.
struct Initializer {
  enum class Kind : uint8_t { constant, normal, uniform } kind = Kind::constant;
  double value = 0; ///< the constant; the standard deviation; the bound of U(-value, value)
};

/// A named buffer that outlives a run of a program. Kind and name together are unique in an executable.
struct Binding {
  BindingKind kind;
  std::string name;
  DType type = DType::f32;
  std::vector<int64_t> shape;
  Initializer init;
  std::string message = {};  ///< of a check: what is wrong where it counts; empty: pairs of a routing beyond its bound
  std::string location = {}; ///< of a check: file:line:column of what it holds for
  int64_t arenaOffset = -1;  ///< where in its program's arena the result stays until the program runs again; -1: it lies outside

  int64_t elements() const {
    int64_t n = 1;
    for (int64_t extent : shape)
      n *= extent;
    return n;
  }
  int64_t bytes() const { return elements() * byteWidth(type); }
};

/// A place in memory: `offset` bytes into the arena, the constants, or a binding of the program.
struct BufferRef {
  enum class Space : uint8_t { arena, constant, binding } space = Space::arena;
  uint32_t binding = 0; ///< index into Program::bindings
  int64_t offset = 0;
};

struct TensorType {
  DType type = DType::f32;
  std::vector<int64_t> shape;
  bool operator==(const TensorType &) const = default;
};

/// What an argument of a launch is, for whoever looks at values; running it needs none of this.
struct ArgumentInfo {
  uint32_t type = 0;    ///< index into Executable::types
  int32_t routing = -1; ///< index into Program::routings: its leading axis are the rows of that routing; -1: of none
};

/// One kernel over `blocks` independent blocks; blocks may run in any order and on any thread.
struct Launch {
  uint32_t kernel = 0;
  int64_t blocks = 1;
  std::vector<BufferRef> args; ///< operands, then results, then the workspace if there is one
  std::string location;        ///< file:line:column of the source
  std::string name = {};       ///< what it computes: the ops of the moe dialect in it
  uint32_t op = 0;             ///< position of its first op among those of the program's function
  uint32_t operands = 0;       ///< how many of the arguments
  bool writesInfinity = false; ///< chooses an infinity that the program says, such as that of a mask
  std::vector<ArgumentInfo> info = {}; ///< one an operand and result
  int64_t workspace = 0;       ///< bytes that the kernel uses while it runs; 0: none
  int64_t flop = 0;            ///< multiplications and additions of its products, as if routed rows were as many as there is room for
};

/// The rows of expert e are those from the e-th to the next of `experts` + 1 offsets (i32). Rows past the last offset hold nothing.
struct RoutedRows {
  BufferRef offsets;
  int64_t experts = 0;
};

struct Program {
  std::string name;              ///< train, eval, decode, update
  std::vector<Binding> bindings; ///< every buffer the program reads or writes by name
  std::vector<Launch> launches;  ///< in order
  std::vector<RoutedRows> routings;
  int64_t arenaBytes = 0;

  /// What the arena takes beside the buffers that lie in it: activations and temporaries.
  int64_t temporaryBytes() const {
    int64_t n = arenaBytes;
    for (const Binding &binding : bindings)
      n -= binding.arenaOffset >= 0 ? binding.bytes() : 0;
    return n;
  }
};

/// Runs blocks [begin, end) of a launch; `args` are the addresses of its buffers.
using KernelFn = void (*)(void *const *args, int64_t begin, int64_t end);

struct Kernel {
  std::string symbol;
  KernelFn function = nullptr; ///< set when the code is loaded
};

struct Executable {
  std::vector<Kernel> kernels;
  std::vector<Program> programs;
  std::vector<TensorType> types;
  std::vector<uint8_t> constants; ///< 64-byte aligned when loaded
  /// Settings of the `train` block and the model, as JSON text (lib/Training reads it).
  std::string settings;
  std::string code; ///< what the kernels were compiled for, for a reader

  const Program *find(const std::string &name) const {
    for (const Program &p : programs)
      if (p.name == name)
        return &p;
    return nullptr;
  }
};

} // namespace moe
