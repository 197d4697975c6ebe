//===- TokenProgram.h - a program that reads token ids ----------*- C++ -*-===//
#pragma once

#include "lib/Training/Programs.h"

#include <map>
#include <memory>
#include <string>

namespace moe {

/// One use of a program: inputs, streams and results of its own, so that nobody else sees what a run does to them. Parameters are the caller's.
class TokenProgram {
public:
  /// The executable must outlive it. Every buffer has its first value.
  Status prepare(const Executable &executable, const char *name);

  const Program &get() const { return *program; }
  int64_t getRows() const { return rows; }
  int64_t getContext() const { return context; }
  BufferStore &getStore() { return local; }
  const BufferStore &getStore() const { return local; }
  /// Where input NAME stands, [rows, context], or a place that nobody reads when the program has no use for it.
  int32_t *getInput(const std::string &name);

private:
  const Program *program = nullptr;
  BufferStore local;
  int64_t rows = 0, context = 0;
  std::map<std::string, std::vector<int32_t>> unread; ///< a map: its values never move
};

/// The `decode` program: ids to logits.
class DecodeProgram {
public:
  /// All of these must outlive it.
  Status prepare(const Executable &executable, BufferStore &parameters, ThreadPool &pool);

  int64_t getRows() const { return program.getRows(); }
  int64_t getContext() const { return program.getContext(); }
  /// How many logits a token has.
  int64_t getWidth() const { return width; }
  int32_t *getTokens() const { return tokens; }       ///< [rows, context]: what the next run reads
  const float *getLogits() const { return logits; }   ///< [rows, context, width]: what the last run gave
  std::vector<Buffer *> getStreams() { return program.getStore().all(BindingKind::stream); }
  void resetStreams() { program.getStore().resetStreams(); }
  Status run() { return runner->run(); }

private:
  TokenProgram program;
  std::unique_ptr<Runner> runner;
  int64_t width = 0;
  int32_t *tokens = nullptr;
  const float *logits = nullptr;
};

} // namespace moe
