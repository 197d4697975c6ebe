//===- Evaluator.h - the loss of blocks of a text ---------------*- C++ -*-===//
#pragma once

#include "lib/Training/TokenProgram.h"

namespace moe {

/// The `eval` program with streams of its own: what it does to them, no training and no other evaluation sees.
class Evaluator {
public:
  /// All of these must outlive the evaluator.
  Status prepare(const Executable &executable, BufferStore &parameters, ThreadPool &pool, const Vocabulary &vocabulary);

  int64_t getRows() const { return program.getRows(); }
  int64_t getContext() const { return program.getContext(); }
  std::vector<Buffer *> getStreams() { return getStore().all(BindingKind::stream); }
  std::vector<const Buffer *> getStreams() const { return program.getStore().all(BindingKind::stream); }
  BufferStore &getStore() { return program.getStore(); }

  /// Evaluates the next blocks of `text` and moves it on; where it starts anew, so do the streams. With `inputs` the tokens come from
  /// there and the targets from `text`. `path` is for messages.
  Status run(BlockStream &text, BlockStream *inputs, const std::string &path, int64_t blocks, const EvaluateOptions &options,
             Evaluation &evaluation);

private:
  /// Whether it is the last one.
  bool readBlock(BlockStream &text, BlockStream *inputs, Profile *profile);
  Status runBlock(BlockStream &text, BlockStream *inputs, Runner &runner, Profile *profile);

  const Executable *executable = nullptr;
  TokenProgram program;
  BufferStore *parameters = nullptr;
  ThreadPool *pool = nullptr;
  const Vocabulary *vocabulary = nullptr;
  int32_t *tokens = nullptr, *targets = nullptr;
  std::vector<int32_t> unread; ///< targets of a text that gives the inputs alone
  const float *loss = nullptr;
};

} // namespace moe
