//===- Session.cpp - sessions -----------------------------------*- C++ -*-===//
#include "lib/CAPI/Objects.h"

#include <algorithm>
#include <cstring>

using namespace moe;
using namespace moe::capi;

moe_status moe_session_create(moe_model *model, const moe_session_options *options, moe_session **session) {
  return call([&] {
    moe_session *&result = needResult(session, "session");
    moe_session_options read = readOptions<moe_session_options>(options, MOE_SESSION_OPTIONS_INIT, "options");
    auto object = std::make_shared<SessionObject>();
    object->model = get<ModelObject>(model);
    SessionOptions how;
    how.seed = readNumber<uint64_t>(read.seed, "seed");
    how.threads = readNumber<int>(read.threads, "threads", mostThreads);
    require(Session::create(object->model->executable(), how, object->session), MOE_RUN);
    result = makeHandle(object);
  });
}

static void requireProgram(const SessionObject &object, moe_program program) {
  if (!object.session->hasProgram(nameOf(program)))
    throw Failure(MOE_USAGE, std::string("the model has no program '") + nameOf(program) + "'");
}

static Buffer &findTensor(const SessionObject &object, moe_program program, moe_kind kind, const char *name) {
  requireProgram(object, program);
  std::string wanted = needText(name, "name");
  Buffer *found = object.session->find(nameOf(program), toKind(kind), wanted);
  if (!found)
    throw Failure(MOE_USAGE, std::string("@") + nameOf(program) + " has no " + toString(toKind(kind)) + " '" + wanted + "'");
  return *found;
}

moe_status moe_session_tensor(moe_session *session, moe_program program, moe_kind kind, const char *name, moe_tensor *tensor) {
  return call([&] {
    StructureResult into(tensor, "tensor");
    Exclusive<SessionObject> object(session);
    into.give(describe(findTensor(*object, program, kind, name)));
  });
}

moe_status moe_session_dlpack(moe_session *session, moe_program program, moe_kind kind, const char *name, DLManagedTensor **tensor) {
  return call([&] {
    DLManagedTensor *&into = needResult(tensor, "tensor");
    Exclusive<SessionObject> object(session);
    into = exportTensor(findTensor(*object, program, kind, name), object.share());
  });
}

//===-- Feeding --------------------------------------------------------------------===//

/// The place of an input, after its ids were looked at. Null for ids that were not given and are not needed.
static int32_t *prepareInput(const SessionObject &object, moe_program program, const char *name, const int32_t *ids, size_t count) {
  const Buffer *input = object.session->find(nameOf(program), BindingKind::input, name);
  std::string where = std::string("@") + nameOf(program) + ": ";
  if (!input && ids)
    throw Failure(MOE_USAGE, where + "there is no input '" + name + "'");
  if (!input)
    return nullptr;
  if (!ids)
    throw Failure(MOE_USAGE, where + name + " is NULL");
  if (static_cast<uint64_t>(input->elements()) != count)
    throw Failure(MOE_USAGE, where + std::to_string(count) + " " + name + " were given, the input has " + std::to_string(input->elements()));
  int64_t vocabulary = object.session->getSettings().vocabulary;
  const int32_t *bad = std::find_if(ids, ids + count, [&](int32_t id) { return id < 0 || (vocabulary && id >= vocabulary); });
  if (bad != ids + count)
    throw Failure(MOE_INPUT, where + name + "[" + std::to_string(bad - ids) + "] is " + std::to_string(*bad) + ", expected an id " +
                                 (vocabulary ? "from 0 to " + std::to_string(vocabulary - 1) : "of 0 or more"));
  return input->as<int32_t>();
}

moe_status moe_session_feed(moe_session *session, moe_program program, const int32_t *tokens, const int32_t *targets, size_t count) {
  return call([&] {
    Exclusive<SessionObject> object(session);
    requireProgram(*object, program);
    int32_t *tokensAt = prepareInput(*object, program, "tokens", tokens, count);
    int32_t *targetsAt = prepareInput(*object, program, "targets", targets, count);
    for (auto [to, from] : {std::pair(tokensAt, tokens), {targetsAt, targets}})
      if (to)
        std::memcpy(to, from, count * sizeof(int32_t));
  });
}

//===-- Running --------------------------------------------------------------------===//

moe_status moe_session_step(moe_session *session, double *loss) {
  return call([&] {
    if (loss)
      *loss = 0;
    Exclusive<SessionObject> object(session);
    if (object->session->getMicroBatches())
      throw Failure(MOE_USAGE, "micro-batches of this step were run alone: its update is next");
    require(object->session->checkInputs("train"), MOE_INPUT);
    double mean = 0;
    require(object->session->step(mean), MOE_RUN);
    if (loss)
      *loss = mean;
  });
}

moe_status moe_session_micro_batch(moe_session *session, double *loss) {
  return call([&] {
    if (loss)
      *loss = 0;
    Exclusive<SessionObject> object(session);
    if (object->session->getMicroBatches() == object->session->getSettings().microBatches)
      throw Failure(MOE_USAGE, "all micro-batches of the step were run: its update is next");
    require(object->session->checkInputs("train"), MOE_INPUT);
    double value = 0;
    require(object->session->runMicroBatch(value), MOE_RUN);
    if (loss)
      *loss = value;
  });
}

moe_status moe_session_update(moe_session *session) {
  return call([&] {
    Exclusive<SessionObject> object(session);
    int64_t run = object->session->getMicroBatches(), all = object->session->getSettings().microBatches;
    require(run == all ? Status::success() : object->session->update(), MOE_USAGE);
    require(object->session->update(), MOE_RUN);
  });
}

moe_status moe_session_run(moe_session *session, moe_program program) {
  return call([&] {
    Exclusive<SessionObject> object(session);
    requireProgram(*object, program);
    if (program != MOE_EVAL && program != MOE_DECODE)
      throw Failure(MOE_USAGE, std::string("@") + nameOf(program) + " is part of a step: moe_session_step runs it");
    require(object->session->checkInputs(nameOf(program)), MOE_INPUT);
    require(object->session->run(nameOf(program)), MOE_RUN);
  });
}

moe_status moe_session_reset_streams(moe_session *session, moe_program program) {
  return call([&] {
    Exclusive<SessionObject> object(session);
    requireProgram(*object, program);
    require(object->session->resetStreams(nameOf(program)), MOE_RUN);
  });
}

moe_status moe_session_position(moe_session *session, int64_t *step) {
  return call([&] {
    auto &into = needResult(step, "step");
    into = Exclusive<SessionObject>(session)->session->getStep();
  });
}

moe_status moe_session_save(moe_session *session, const char *path) {
  return call([&] {
    std::string where = needText(path, "path");
    require(Exclusive<SessionObject>(session)->session->save(where), MOE_RUN);
  });
}

moe_status moe_session_load(moe_session *session, const char *path) {
  return call([&] {
    std::string where = needText(path, "path");
    require(Exclusive<SessionObject>(session)->session->load(where), MOE_INPUT);
  });
}
