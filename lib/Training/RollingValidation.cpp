//===- RollingValidation.cpp - validation while training --------*- C++ -*-===//
#include "lib/Training/RollingValidation.h"

using namespace moe;

Status RollingValidation::prepare(const Executable &executable, BufferStore &parameters, ThreadPool &pool, const Vocabulary &vocabulary,
                           const TokenStream &text, uint64_t seed) {
  this->pool = &pool;
  this->text = &text;
  if (Status status = evaluator.prepare(executable, parameters, pool, vocabulary); !status)
    return status;
  before.watch(evaluator.getStreams());
  return BlockStream::create(text, evaluator.getRows(), evaluator.getContext(), seed, stream);
}

Status RollingValidation::setPosition(uint64_t seed, const StreamPosition &where) {
  BlockStream there;
  if (Status status = BlockStream::create(*text, evaluator.getRows(), evaluator.getContext(), seed, there); !status)
    return status;
  if (Status status = there.setPosition(where); !status)
    return status;
  stream = there;
  return Status::success();
}

Status RollingValidation::run(int64_t blocks, const EvaluateOptions &options, Evaluation &evaluation) {
  BlockStream streamBefore = stream;
  before.take(*pool);
  Status status = evaluator.run(stream, nullptr, text->path, blocks, options, evaluation);
  if (status) {
    evaluation.split = toString(Split::valid);
    return status;
  }
  before.restore(*pool);
  stream = streamBefore;
  return status;
}
