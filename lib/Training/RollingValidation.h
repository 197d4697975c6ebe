//===- RollingValidation.h - validation while training ----------*- C++ -*-===//
#pragma once

#include "lib/Training/Evaluator.h"
#include "lib/Training/Snapshot.h"

namespace moe {

/// A few blocks of the validation text at a time, each time from where the last one ended, with streams that go on as training's do; at the
/// end of the text both start anew. Position and streams are part of a run's state.
class RollingValidation {
public:
  /// All of these must outlive the validation. The seed decides where the text starts anew.
  Status prepare(const Executable &executable, BufferStore &parameters, ThreadPool &pool, const Vocabulary &vocabulary,
                 const TokenStream &text, uint64_t seed);

  /// Fails, or is stopped, without having moved.
  Status run(int64_t blocks, const EvaluateOptions &options, Evaluation &evaluation);

  /// Blocks that begin in one pass over the text.
  int64_t getPassBlocks() const { return stream.getBlocks() + 1; }
  const StreamPosition &getPosition() const { return stream.getPosition(); }
  Status setPosition(uint64_t seed, const StreamPosition &where);
  BufferStore &getStore() { return evaluator.getStore(); }
  std::vector<const Buffer *> getStreams() const { return evaluator.getStreams(); }

private:
  Evaluator evaluator;
  ThreadPool *pool = nullptr;
  const TokenStream *text = nullptr;
  BlockStream stream;
  Snapshot before; ///< of the streams
};

} // namespace moe
