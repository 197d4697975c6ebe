//===- CInterface.cpp - calls of moe.h, in any order, with any arguments ----===//
//
// The input is a list of calls, one a line: a byte for the function, then one for each argument (HostCalls.h). Arguments may be NULL, handles of
// another type or of what was destroyed, numbers at their limits, structures of another size and texts that are none. Memory is as long as a call
// says it is: that the library trusts.
//
//===----------------------------------------------------------------------===//
#include "test/Fuzz/HostCalls.h"
#include "test/Fuzz/Scratch.h"
#include "test/Fuzz/Targets.h"

#include "moe-c/dlpack.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <vector>

using namespace moe;
using namespace moe::fuzz;
namespace fs = std::filesystem;

static constexpr int64_t least = std::numeric_limits<int64_t>::min(), most = std::numeric_limits<int64_t>::max();
static constexpr int64_t vocabulary = 256;
static constexpr const char *source = "model LM(V: dim, d=2)(tok: id[B,T]) -> [B,T,V] {\n"
                                      "  stream state last_x: [B,1,d] = 0\n"
                                      "  x = embedding(V,d)(tok)\n"
                                      "  long = cat(last_x, x, axis=T)\n"
                                      "  last_x <- last(long, 1, axis=T)\n"
                                      "  x = x + Moe(TopK(2, k=1, balance=.1), Mlp(2))(first(long, T, axis=T))\n"
                                      "  return linear(V)(x)\n"
                                      "}\n"
                                      "train { data=text(tokens=bytes); batch=2; context=3; micro_batches=2; loss=cross_entropy\n"
                                      "        optimizer=AdamW(lr=.01); steps=3 }\n";

//===-- What all executions share ------------------------------------------------------===//

static const std::string &cacheFolder() {
  static const std::string path = scratchFolder() + "/cache";
  return path;
}

/// What calls write; of one execution.
static const std::string &hostFolder() {
  static const std::string path = scratchFolder() + "/host";
  return path;
}

/// A folder with a text of a few blocks.
static const std::string &dataFolder() {
  static const std::string path = [] {
    fs::create_directories(scratchFolder() + "/data");
    for (const char *name : {"data/train.txt", "data/valid.txt", "data/test.txt"})
      writeScratch(name, "Some words, and some more of them.\nA second line.\n");
    return scratchFolder() + "/data";
  }();
  return path;
}

/// Compiled once; the library finds it in the cache when an execution compiles it again, or has destroyed this one.
static moe_model *sharedModel() {
  static moe_model *model = nullptr;
  int64_t size = 0;
  if (model && moe_model_vocabulary(model, &size) == MOE_OK)
    return model;
  moe_compile_options options = MOE_COMPILE_OPTIONS_INIT;
  options.vocabulary = vocabulary;
  options.cache_dir = cacheFolder().c_str();
  if (moe_compile("a.moe", source, &options, &model, nullptr) != MOE_OK) {
    std::fprintf(stderr, "%s\n", moe_last_error());
    std::abort();
  }
  return model;
}

//===-- A host -------------------------------------------------------------------------===//

namespace {

/// The handles of one type that a host holds.
template <typename T>
struct Held {
  void (*destroy)(T *);
  size_t most;
  std::vector<T *> handles = {};
};

struct Host {
  Held<moe_model> models{moe_model_destroy, 2};
  Held<moe_diagnostics> diagnostics{moe_diagnostics_destroy, 3};
  Held<moe_session> sessions{moe_session_destroy, 3};
  Held<moe_text> texts{moe_text_destroy, 3};
  Held<moe_trainer> trainers{moe_trainer_destroy, 2};
  Held<moe_run> runs{moe_run_destroy, 1};
  std::vector<DLManagedTensor *> tensors;
  moe_model *shared; ///< stays for the next execution
  std::vector<void *> given; ///< every handle there ever was, of any type
  std::string complaint;
  bool hasSucceeded = false;

  explicit Host(moe_model *shared) : shared(shared), given{shared} { models.handles = {shared}; }
  ~Host();

  /// A handle of that type; now and then NULL, one of any type that may be gone, or a number that is none.
  template <typename T>
  T *pick(Held<T> &held, Choices &choices) {
    uint8_t byte = choices.next();
    if (byte < 224)
      return held.handles.empty() ? nullptr : held.handles[held.handles.size() - 1 - byte % held.handles.size()];
    if (byte < 232 || given.empty())
      return byte % 2 ? nullptr : reinterpret_cast<T *>(uintptr_t(byte) << (byte % 60));
    return static_cast<T *>(given[byte % given.size()]);
  }
  template <typename T>
  void keep(Held<T> &held, const Place<T *> &place, moe_status status) {
    if (status != MOE_OK || !place.has())
      return;
    given.push_back(place.value);
    held.handles.push_back(place.value);
    if (held.handles.size() > held.most)
      drop(held, held.handles.front());
  }
  template <typename T>
  void drop(Held<T> &held, T *handle) {
    held.destroy(handle);
    held.handles.erase(std::remove(held.handles.begin(), held.handles.end(), handle), held.handles.end());
  }
  void keep(DLManagedTensor *tensor);
  /// These are given whether or not the call has failed, or are NULL.
  void keepDiagnostics(const Place<moe_diagnostics *> &place);

  /// Holds the call to its promises: a status of the list that is no bug, a message with each failure, and no result of a call that failed.
  template <typename... Places>
  moe_status judge(const char *function, moe_status status, const Places &...places) {
    hasSucceeded |= status == MOE_OK;
    if (status != MOE_OK && status != MOE_INPUT && status != MOE_USAGE && status != MOE_RUN)
      complain(function, "gives status " + std::to_string(status) + ": " + moe_last_error());
    else if (status != MOE_OK && !*moe_last_error())
      complain(function, "fails without a message");
    else if (status != MOE_OK && !(places.isCleared() && ...))
      complain(function, std::string("leaves a result behind: ") + moe_last_error());
    return status;
  }
  void complain(const char *function, const std::string &what) {
    if (complaint.empty())
      complaint = std::string(function) + " " + what;
  }
};

/// Uses memory that a tensor says it has.
float touch(const void *data, int64_t bytes) {
  float sum = 0;
  for (int64_t i = 0; i < bytes; ++i)
    sum += static_cast<const unsigned char *>(data)[i];
  return sum;
}

/// Keeps a few, which outlive what they came from.
void Host::keep(DLManagedTensor *tensor) {
  constexpr size_t mostTensors = 3;
  tensors.push_back(tensor);
  if (tensors.size() > mostTensors) {
    tensors.front()->deleter(tensors.front());
    tensors.erase(tensors.begin());
  }
}

void Host::keepDiagnostics(const Place<moe_diagnostics *> &place) {
  size_t count = 0;
  if (!place.has() || !place.value)
    return;
  if (moe_diagnostics_count(place.value, &count) != MOE_OK)
    return complain("compiling", std::string("gives no diagnostics: ") + moe_last_error());
  keep(diagnostics, place, MOE_OK);
}

Host::~Host() {
  models.handles.erase(std::remove(models.handles.begin(), models.handles.end(), shared), models.handles.end());
  auto dropAll = [&](auto &held) {
    while (!held.handles.empty())
      drop(held, held.handles.back());
  };
  dropAll(models), dropAll(diagnostics), dropAll(sessions), dropAll(texts), dropAll(trainers), dropAll(runs);
  for (DLManagedTensor *tensor : tensors) {
    int64_t elements = 1;
    for (int32_t i = 0; i < tensor->dl_tensor.ndim; ++i)
      elements *= tensor->dl_tensor.shape[i];
    touch(tensor->dl_tensor.data, elements * (tensor->dl_tensor.dtype.bits / 8));
    tensor->deleter(tensor);
  }
}

//===-- Texts and numbers --------------------------------------------------------------===//

const char *longText() {
  static const std::string text(70'000, 'x');
  return text.c_str();
}

const char *pickText(Choices &choices, std::initializer_list<const char *> sound) {
  return choices.of<const char *>(sound, {nullptr, "", "nothing", "\xff\xfe\x80", longText(), "{", "\n\t\x01"});
}

/// A place to write to or read from: two files, or nothing that could be one.
const char *pickPath(Choices &choices) {
  static const std::string base = hostFolder(), first = base + "/first", second = base + "/second", odd = base + "/\xff\xfe", none = base + "/none/x",
                           tooLong = base + "/" + std::string(300, 'y');
  return choices.of<const char *>({first.c_str(), second.c_str()},
                                  {nullptr, "", base.c_str(), odd.c_str(), none.c_str(), tooLong.c_str(), longText(), "/dev/null/x"});
}

const char *pickRunFolder(Choices &choices) {
  static const std::string folder = hostFolder() + "/run", file = dataFolder() + "/train.txt";
  return choices.of<const char *>({folder.c_str()}, {nullptr, "", file.c_str(), dataFolder().c_str(), longText(), "/dev/null"});
}

const char *pickData(Choices &choices) {
  return choices.of<const char *>({dataFolder().c_str()}, {nullptr, "", "/dev/null", scratchFolder().c_str(), longText()});
}

const char *pickCache(Choices &choices) { return choices.isOdd() ? nullptr : cacheFolder().c_str(); }

const char *pickName(Choices &choices) {
  return pickText(choices, {"tokens", "targets", "embedding.w", "linear.bias", "loss", "logits", "lr", "last_x", "m.linear.w", "key", "step", "moe.load"});
}

int64_t pickNumber(Choices &choices, int64_t sound) { return choices.of<int64_t>({sound, sound, 0, 1, 2}, {-1, -2, most, least, int64_t(1) << 32}); }
size_t pickCount(Choices &choices, size_t sound) { return choices.of<size_t>({sound}, {0, 1, sound + 1, SIZE_MAX, SIZE_MAX / 4}); }
int32_t pickEnumerator(Choices &choices, std::initializer_list<int32_t> sound) {
  return choices.of<int32_t>(sound, {-1, 99, std::numeric_limits<int32_t>::min(), std::numeric_limits<int32_t>::max()});
}
moe_program pickProgram(Choices &choices) { return pickEnumerator(choices, {MOE_TRAIN, MOE_EVAL, MOE_DECODE, MOE_UPDATE}); }
moe_split pickSplit(Choices &choices) { return pickEnumerator(choices, {MOE_SPLIT_TRAIN, MOE_SPLIT_VALID, MOE_SPLIT_TEST}); }
moe_kind pickKind(Choices &choices) {
  return pickEnumerator(choices, {MOE_INPUT_IDS, MOE_PARAM, MOE_OPT, MOE_STREAM, MOE_LOSS, MOE_LOGITS, MOE_METRIC, MOE_GRAD, MOE_KEY, MOE_STEP, MOE_PROBE,
                                  MOE_AUX, MOE_CHECK, MOE_STATE, MOE_TALLY, MOE_OBJECTIVE});
}

/// Some ids, one of them perhaps outside of every vocabulary. Null for more than there is memory for: such a call must be refused before it reads.
std::vector<int32_t> makeIds(Choices &choices, size_t count) {
  constexpr size_t mostIds = 64;
  std::vector<int32_t> ids(std::min(count, mostIds));
  for (size_t i = 0; i < ids.size(); ++i)
    ids[i] = static_cast<int32_t>(i * 37 % vocabulary);
  if (!ids.empty())
    ids[ids.size() / 2] = choices.of<int32_t>({1, 255}, {-1, 256, std::numeric_limits<int32_t>::max(), std::numeric_limits<int32_t>::min()});
  return ids;
}

//===-- Compiling ----------------------------------------------------------------------===//

/// Settings for programs that are wrong, so that compiling ends early, or for the one that lies in the cache.
moe_compile_options makeCompileOptions(Choices &choices) {
  static const char *const texts[] = {"model.d=2", nullptr, "", "model.d=0", "=", "\xff", "train.batch=1e99", "none.x=1"};
  moe_compile_options options = MOE_COMPILE_OPTIONS_INIT;
  options.vocabulary = choices.of<int64_t>({vocabulary}, {0, -1, most, least});
  options.decode_rows = choices.of<int64_t>({0, 1}, {-1, most});
  options.cache_dir = cacheFolder().c_str();
  if (choices.isOdd()) {
    uint8_t first = choices.next() % std::size(texts);
    (choices.isOdd() ? options.presets : options.overrides) = choices.isOdd() ? nullptr : texts + first;
    options.override_count = options.presets ? 0 : 1;
    options.preset_count = options.presets ? 1 : 0;
  }
  return options;
}

const char *pickSource(Choices &choices) { return pickText(choices, {source, source, "model LM(V: dim)(tok) = tok\n", "layer x(\n"}); }

void compile(Host &host, Choices &choices) {
  Place<moe_model *> model(choices);
  Place<moe_diagnostics *> said(choices);
  Options options(choices, makeCompileOptions(choices));
  const char *name = pickText(choices, {"a.moe"}), *text = pickSource(choices);
  moe_status status = host.judge("moe_compile", moe_compile(name, text, options, model, said), model);
  host.keep(host.models, model, status);
  host.keepDiagnostics(said);
}

void compileFile(Host &host, Choices &choices) {
  static const std::string good = writeScratch("a.moe", source), wrong = writeScratch("wrong.moe", "model\xff");
  Place<moe_model *> model(choices);
  Place<moe_diagnostics *> said(choices);
  Options options(choices, makeCompileOptions(choices));
  const char *path = choices.of<const char *>({good.c_str(), wrong.c_str()}, {nullptr, "", "/dev/null", scratchFolder().c_str(), longText()});
  moe_status status = host.judge("moe_compile_file", moe_compile_file(path, options, model, said), model);
  host.keep(host.models, model, status);
  host.keepDiagnostics(said);
}

void readSettings(Host &host, Choices &choices) {
  Place<char *> json(choices);
  Place<moe_diagnostics *> said(choices);
  Options options(choices, makeCompileOptions(choices));
  const char *name = pickText(choices, {"a.moe"}), *text = pickSource(choices);
  if (host.judge("moe_read_settings", moe_read_settings(name, text, options, json, said), json) == MOE_OK)
    moe_free(json.value);
  host.keepDiagnostics(said);
}

void readDiagnostics(Host &host, Choices &choices) {
  moe_diagnostics *said = host.pick(host.diagnostics, choices);
  Place<size_t> count(choices);
  host.judge("moe_diagnostics_count", moe_diagnostics_count(said, count), count);
  Place<const char *> text(choices);
  host.judge("moe_diagnostics_text", moe_diagnostics_text(said, text), text);
  SizedPlace<moe_message> message(choices), note(choices);
  size_t index = pickCount(choices, 0);
  host.judge("moe_diagnostics_message", moe_diagnostics_message(said, index, message), message);
  host.judge("moe_diagnostics_note", moe_diagnostics_note(said, index, pickCount(choices, 0), note), note);
}

void describeModel(Host &host, Choices &choices) {
  moe_model *model = host.pick(host.models, choices);
  Place<const char *> json(choices);
  host.judge("moe_model_settings", moe_model_settings(model, json), json);
  Place<int64_t> size(choices);
  host.judge("moe_model_vocabulary", moe_model_vocabulary(model, size), size);
  Place<size_t> count(choices);
  moe_program program = pickProgram(choices);
  host.judge("moe_model_binding_count", moe_model_binding_count(model, program, count), count);
  SizedPlace<moe_binding> binding(choices);
  host.judge("moe_model_binding", moe_model_binding(model, program, pickCount(choices, 3), binding), binding);
}

//===-- Sessions -----------------------------------------------------------------------===//

int32_t pickThreads(Choices &choices) {
  return choices.of<int32_t>({1, 1, 1, 2}, {0, -1, -2, std::numeric_limits<int32_t>::max(), std::numeric_limits<int32_t>::min()});
}

void createSession(Host &host, Choices &choices) {
  moe_session_options sound = MOE_SESSION_OPTIONS_INIT;
  moe_model *model = host.pick(host.models, choices);
  sound.threads = pickThreads(choices);
  sound.seed = pickNumber(choices, 1);
  Options options(choices, sound);
  Place<moe_session *> session(choices);
  moe_status status = host.judge("moe_session_create", moe_session_create(model, options, session), session);
  host.keep(host.sessions, session, status);
}

void feed(Host &host, Choices &choices) {
  moe_session *session = host.pick(host.sessions, choices);
  moe_program program = pickProgram(choices);
  size_t count = pickCount(choices, program == MOE_DECODE ? 3 : 6);
  std::vector<int32_t> tokens = makeIds(choices, count), targets = makeIds(choices, count);
  bool hasTargets = (program != MOE_DECODE) != choices.isOdd();
  const int32_t *from = choices.isOdd() ? nullptr : tokens.data();
  host.judge("moe_session_feed", moe_session_feed(session, program, from, hasTargets ? targets.data() : nullptr, count));
}

void step(Host &host, Choices &choices) {
  moe_session *session = host.pick(host.sessions, choices);
  Place<double> loss(choices);
  host.judge("moe_session_step", moe_session_step(session, loss), loss);
}

void stepInParts(Host &host, Choices &choices) {
  moe_session *session = host.pick(host.sessions, choices);
  for (int parts = choices.of<int>({2}, {0, 1, 3}); parts; --parts) {
    Place<double> loss(choices);
    host.judge("moe_session_micro_batch", moe_session_micro_batch(session, loss), loss);
  }
  host.judge("moe_session_update", moe_session_update(session));
}

void runProgram(Host &host, Choices &choices) {
  moe_session *session = host.pick(host.sessions, choices);
  moe_program program = pickEnumerator(choices, {MOE_DECODE, MOE_EVAL});
  host.judge("moe_session_run", moe_session_run(session, program));
  if (choices.isOdd())
    host.judge("moe_session_reset_streams", moe_session_reset_streams(session, pickProgram(choices)));
  Place<int64_t> done(choices);
  host.judge("moe_session_position", moe_session_position(session, done), done);
}

/// A host writes to tensors itself.
void scribble(const moe_tensor &tensor, Choices &choices) {
  touch(tensor.data, tensor.bytes);
  if (tensor.bytes < 4 || tensor.dtype == MOE_BOOL)
    return;
  int64_t at = choices.next() % (tensor.bytes / 4);
  if (tensor.dtype == MOE_I32)
    static_cast<int32_t *>(tensor.data)[at] = choices.of<int32_t>({1, 255}, {-1, 256, std::numeric_limits<int32_t>::max()});
  else
    static_cast<float *>(tensor.data)[at] = choices.of<float>({0.5f}, {NAN, INFINITY, 1e38f});
}

void lookAtSession(Host &host, Choices &choices) {
  moe_session *session = host.pick(host.sessions, choices);
  moe_program program = pickProgram(choices);
  moe_kind kind = pickKind(choices);
  const char *name = pickName(choices);
  SizedPlace<moe_tensor> tensor(choices);
  if (host.judge("moe_session_tensor", moe_session_tensor(session, program, kind, name, tensor), tensor) == MOE_OK)
    scribble(tensor.value, choices);
  Place<DLManagedTensor *> managed(choices);
  if (host.judge("moe_session_dlpack", moe_session_dlpack(session, program, kind, name, managed), managed) == MOE_OK)
    host.keep(managed.value);
}

void saveSession(Host &host, Choices &choices) {
  moe_session *session = host.pick(host.sessions, choices);
  host.judge("moe_session_save", moe_session_save(session, pickPath(choices)));
}

void loadSession(Host &host, Choices &choices) {
  moe_session *session = host.pick(host.sessions, choices);
  host.judge("moe_session_load", moe_session_load(session, pickPath(choices)));
}

//===-- Texts --------------------------------------------------------------------------===//

void loadData(Host &host, Choices &choices) {
  const char *folder = pickData(choices);
  const char *settings = pickText(choices, {R"({"data":{"kind":"text","tokens":"bytes"},"batch":2,"context":3})",
                                            R"({"data":{"kind":"text","tokens":"words","min_count":1},"batch":2,"context":3})"});
  Place<moe_text *> text(choices);
  moe_status status = host.judge("moe_text_load", moe_text_load(folder, settings, pickCache(choices), text), text);
  host.keep(host.texts, text, status);
}

void makeText(Host &host, Choices &choices) {
  constexpr size_t mostIds = 60;
  auto count = [&] { return choices.of<size_t>({mostIds}, {0, 1, 7}); };
  std::vector<int32_t> train = makeIds(choices, count()), valid = makeIds(choices, count()), test = makeIds(choices, count());
  moe_ids sound = MOE_IDS_INIT;
  sound.vocabulary = choices.of<int64_t>({vocabulary}, {0, 1, -1, 300, most, least});
  sound.train = choices.isOdd() ? nullptr : train.data(), sound.train_count = train.size();
  sound.valid = valid.data(), sound.valid_count = valid.size();
  sound.test = test.data(), sound.test_count = test.size();
  Options ids(choices, sound);
  Place<moe_text *> text(choices);
  moe_status status = host.judge("moe_text_from_ids", moe_text_from_ids(ids, text), text);
  host.keep(host.texts, text, status);
}

void lookAtText(Host &host, Choices &choices) {
  moe_text *text = host.pick(host.texts, choices);
  Place<int64_t> size(choices), length(choices);
  host.judge("moe_text_vocabulary", moe_text_vocabulary(text, size), size);
  moe_split split = pickSplit(choices);
  host.judge("moe_text_count", moe_text_count(text, split, length), length);
  std::vector<int32_t> copied(60);
  size_t count = pickCount(choices, copied.size() - 5);
  bool fits = count <= copied.size(); // more than any text here has
  int64_t from = fits ? pickNumber(choices, 3) : 0;
  host.judge("moe_text_copy", moe_text_copy(text, split, from, count, choices.isOdd() ? nullptr : copied.data()));
}

void encode(Host &host, Choices &choices) {
  moe_text *text = host.pick(host.texts, choices);
  Place<int32_t *> ids(choices);
  Place<size_t> count(choices);
  if (host.judge("moe_text_encode", moe_text_encode(text, pickText(choices, {"Some words", "1 2 255"}), ids, count), ids, count) == MOE_OK) {
    touch(ids.value, static_cast<int64_t>(count.value * sizeof(int32_t)));
    moe_free(ids.value);
  }
  std::vector<int32_t> some = makeIds(choices, pickCount(choices, 5));
  Place<char *> words(choices);
  const int32_t *from = choices.isOdd() ? nullptr : some.data();
  if (host.judge("moe_text_decode", moe_text_decode(text, from, some.size(), words), words) == MOE_OK) {
    touch(words.value, static_cast<int64_t>(std::strlen(words.value)));
    moe_free(words.value);
  }
}

//===-- Training -----------------------------------------------------------------------===//

moe_trainer_options makeTrainerOptions(Choices &choices) {
  moe_trainer_options options = MOE_TRAINER_OPTIONS_INIT;
  options.threads = pickThreads(choices);
  options.steps = choices.of<int64_t>({3}, {0, 1, -1, -2, most});
  options.seed = pickNumber(choices, 1);
  if (choices.isOdd())
    options.data = pickText(choices, {dataFolder().c_str()});
  return options;
}

void createTrainer(Host &host, Choices &choices) {
  moe_model *model = host.pick(host.models, choices);
  moe_text *text = host.pick(host.texts, choices);
  moe_trainer_options sound = makeTrainerOptions(choices);
  if (choices.isOdd()) {
    sound.out = pickRunFolder(choices);
    sound.data = dataFolder().c_str();
  }
  Options options(choices, sound);
  Place<moe_trainer *> trainer(choices);
  moe_status status = host.judge("moe_trainer_create", moe_trainer_create(model, text, options, trainer), trainer);
  host.keep(host.trainers, trainer, status);
}

void resumeTrainer(Host &host, Choices &choices) {
  const char *folder = pickRunFolder(choices);
  Options options(choices, makeTrainerOptions(choices));
  Place<moe_trainer *> trainer(choices);
  moe_status status = host.judge("moe_trainer_resume", moe_trainer_resume(folder, options, pickCache(choices), trainer), trainer);
  host.keep(host.trainers, trainer, status);
}

void stepTrainer(Host &host, Choices &choices) {
  SizedPlace<moe_step> done(choices);
  host.judge("moe_trainer_step", moe_trainer_step(host.pick(host.trainers, choices), done), done);
}

/// Hears of a step: calls the trainer, which is refused, and stops after the second.
int onStep(void *user, const moe_step *step) {
  moe_step again = MOE_STEP_INIT;
  bool isRefused = moe_trainer_step(static_cast<moe_trainer *>(user), &again) == MOE_USAGE;
  return !isRefused || step->step >= 2;
}

void finishTrainer(Host &host, Choices &choices) {
  moe_trainer *trainer = host.pick(host.trainers, choices);
  if (choices.isOdd())
    host.judge("moe_trainer_stop", moe_trainer_stop(trainer));
  SizedPlace<moe_evaluation> validation(choices);
  if (choices.isOdd())
    host.judge("moe_trainer_finish", moe_trainer_finish(trainer, validation), validation);
  else
    host.judge("moe_trainer_run", moe_trainer_run(trainer, onStep, trainer, validation), validation);
}

void lookAtTrainer(Host &host, Choices &choices) {
  moe_trainer *trainer = host.pick(host.trainers, choices);
  Place<int64_t> done(choices), all(choices);
  host.judge("moe_trainer_position", moe_trainer_position(trainer, done, all), done, all);
  moe_kind kind = pickKind(choices);
  const char *name = pickName(choices);
  Place<const double *> values(choices);
  Place<size_t> count(choices);
  if (host.judge("moe_trainer_values", moe_trainer_values(trainer, kind, name, values, count), values, count) == MOE_OK)
    touch(values.value, static_cast<int64_t>(count.value * sizeof(double)));
  SizedPlace<moe_tensor> tensor(choices);
  if (host.judge("moe_trainer_tensor", moe_trainer_tensor(trainer, kind, name, tensor), tensor) == MOE_OK)
    scribble(tensor.value, choices);
  Place<DLManagedTensor *> managed(choices);
  if (host.judge("moe_trainer_dlpack", moe_trainer_dlpack(trainer, kind, name, managed), managed) == MOE_OK)
    host.keep(managed.value);
}

void saveTrainer(Host &host, Choices &choices) {
  moe_trainer *trainer = host.pick(host.trainers, choices);
  host.judge("moe_trainer_save", moe_trainer_save(trainer, pickPath(choices)));
}

void restoreTrainer(Host &host, Choices &choices) {
  moe_trainer *trainer = host.pick(host.trainers, choices);
  host.judge("moe_trainer_restore", moe_trainer_restore(trainer, pickPath(choices)));
}

moe_generate_options makeGenerateOptions(Choices &choices) {
  moe_generate_options options = MOE_GENERATE_OPTIONS_INIT;
  options.prompt = pickText(choices, {"12", "1 2 3"});
  options.tokens = choices.of<int64_t>({2}, {0, 1, -1, least});
  options.temperature = choices.of<double>({1, 0}, {-1, NAN, INFINITY, 1e-300});
  options.seed = choices.next();
  return options;
}

/// Evaluates and generates with what has weights: `evaluate` and `generate` are the calls.
template <typename Evaluate, typename Generate>
void useWeights(Host &host, Choices &choices, const char *name, Evaluate &&evaluate, Generate &&generate) {
  SizedPlace<moe_evaluation> evaluation(choices);
  int64_t blocks = pickNumber(choices, 0);
  host.judge(name, evaluate(pickSplit(choices), blocks, evaluation), evaluation);
  Options options(choices, makeGenerateOptions(choices));
  Place<char *> text(choices);
  Place<int32_t *> ids(choices);
  Place<size_t> count(choices);
  if (host.judge(name, generate(options, text, ids, count), text, ids, count) != MOE_OK)
    return;
  moe_free(text.has() ? text.value : nullptr);
  moe_free(ids.has() ? ids.value : nullptr);
}

void useTrainer(Host &host, Choices &choices) {
  moe_trainer *trainer = host.pick(host.trainers, choices);
  useWeights(
      host, choices, "moe_trainer_evaluate or _generate",
      [&](moe_split split, int64_t blocks, moe_evaluation *into) { return moe_trainer_evaluate(trainer, split, blocks, into); },
      [&](const moe_generate_options *how, char **text, int32_t **ids, size_t *count) { return moe_trainer_generate(trainer, how, text, ids, count); });
}

void useRun(Host &host, Choices &choices) {
  const char *folder = pickRunFolder(choices);
  int32_t threads = pickThreads(choices);
  Place<moe_run *> opened(choices);
  moe_status status = host.judge("moe_run_open", moe_run_open(folder, pickCache(choices), threads, opened), opened);
  host.keep(host.runs, opened, status);
  moe_run *run = host.pick(host.runs, choices);
  useWeights(
      host, choices, "moe_run_evaluate or _generate",
      [&](moe_split split, int64_t blocks, moe_evaluation *into) { return moe_run_evaluate(run, pickData(choices), split, blocks, into); },
      [&](const moe_generate_options *how, char **text, int32_t **ids, size_t *count) { return moe_run_generate(run, how, text, ids, count); });
}

//===-- The end ------------------------------------------------------------------------===//

void destroy(Host &host, Choices &choices) {
  uint8_t type = choices.next() % 6;
  auto dropFrom = [&](auto &held) { host.drop(held, host.pick(held, choices)); };
  type == 0   ? dropFrom(host.sessions)
  : type == 1 ? dropFrom(host.models)
  : type == 2 ? dropFrom(host.texts)
  : type == 3 ? dropFrom(host.trainers)
  : type == 4 ? dropFrom(host.runs)
              : dropFrom(host.diagnostics);
}

/// By the first byte of a line, from 'a' on and around.
constexpr void (*calls[])(Host &, Choices &) = {
    compile,      compileFile, readSettings, readDiagnostics, describeModel,  createSession, feed,          step,       stepInParts, // a to i
    runProgram,   lookAtSession, saveSession, loadSession,    loadData,       makeText,      lookAtText,    encode,                  // j to q
    createTrainer, resumeTrainer, stepTrainer, finishTrainer, lookAtTrainer,  saveTrainer,   restoreTrainer, useTrainer, useRun,     // r to z
    destroy};

void callLines(Host &host, std::string_view input) {
  constexpr int mostCalls = 60;
  for (int i = 0; i < mostCalls && !input.empty() && host.complaint.empty(); ++i) {
    std::string_view line = input.substr(0, input.find('\n'));
    input.remove_prefix(std::min(input.size(), line.size() + 1));
    if (line.empty())
      continue;
    Choices choices(line.substr(1));
    calls[static_cast<uint8_t>(line[0] - 'a') % std::size(calls)](host, choices);
  }
}

} // namespace

Outcome fuzz::runCalls(std::string_view input) {
  std::error_code ignored;
  fs::create_directories(hostFolder(), ignored);
  std::string complaint;
  bool hasSucceeded = false;
  {
    Host host(sharedModel());
    callLines(host, input);
    complaint = host.complaint;
    hasSucceeded = host.hasSucceeded;
  }
  fs::remove_all(hostFolder(), ignored);
  return {hasSucceeded, complaint};
}

Seeds fuzz::seedCalls() {
  using namespace std::string_literals;
  constexpr char odd = '\xff';
  std::string evaluated = "g\0\1\nj\0\1\n"s, decoded = "g\0\2\nj\n"s, param = "k\0\0\1\2\n"s;
  std::string withFolder = "r"s + std::string(6, '\0') + odd + "\n";
  return {"a\na\0\0\0\0\0\0\0\0\3\nd\nb\nc\ne\n{\1\n"s,
          "f\ng\nh\ni\n" + evaluated + decoded + param + "k\nl\nm\n{\ne\n",
          "n\np\nq\no\np\0\1\nq\n{\2\n"s,
          "o\nr\nt\nv\0\0\0\6\6\nw\nt\nx\ny\nu\nv\0\0\0\1\2\n{\3\n"s,
          "n\n" + withFolder + "t\nt\nu\n{\3\nz\ns\nt\n"};
}
