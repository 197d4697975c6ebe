//===- Evaluator.h - the loss of blocks of a text ---------------*- C++ -*-===//
#pragma once

#include "lib/Training/Programs.h"

namespace moe {

/// The `eval` program with streams of its own: what it does to them, no training and no other evaluation sees.
class Evaluator {
public:
  /// All of these must outlive the evaluator.
  Status prepare(const Executable &executable, BufferStore &parameters, ThreadPool &pool, const Vocabulary &vocabulary);

  int64_t getRows() const { return rows; }
  int64_t getContext() const { return context; }
  std::vector<Buffer *> getStreams() { return local.all(BindingKind::stream); }
  std::vector<const Buffer *> getStreams() const { return local.all(BindingKind::stream); }
  BufferStore &getStore() { return local; }

  /// Evaluates the next blocks of `text` and moves it on; where it starts anew, so do the streams. With `inputs` the tokens come from
  /// there and the targets from `text`. `path` is for messages.
  Status run(BlockStream &text, BlockStream *inputs, const std::string &path, int64_t blocks, const EvaluateOptions &options,
             Evaluation &evaluation);

private:
  Status runBlock(BlockStream &text, BlockStream *inputs, Runner &runner);

  const Executable *executable = nullptr;
  const Program *program = nullptr;
  BufferStore *parameters = nullptr;
  ThreadPool *pool = nullptr;
  const Vocabulary *vocabulary = nullptr;
  BufferStore local;
  int64_t rows = 0, context = 0;
  int32_t *tokens = nullptr, *targets = nullptr;
  std::vector<int32_t> tokenScratch, targetScratch, unread;
  const float *loss = nullptr;
};

} // namespace moe
