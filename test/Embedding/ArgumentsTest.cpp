// The C interface refuses what makes no sense, in any order of calls, and says so.
#include "moe-c/dlpack.h"
#include "moe-c/moe.h"

#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>

#include <atomic>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <thread>
#include <vector>

static const char *const source = "model LM(V: dim, d=4)(tok: id[B,T]) -> [B,T,V] {\n"
                                  "  return linear(V)(embedding(V,d)(tok))\n"
                                  "}\n"
                                  "train { data=text(tokens=bytes); batch=4; context=3; micro_batches=2; loss=cross_entropy\n"
                                  "        optimizer=AdamW(lr=.01); steps=3 }\n";

static moe_compile_options withVocabulary(int64_t vocabulary) {
  moe_compile_options options = MOE_COMPILE_OPTIONS_INIT;
  options.vocabulary = vocabulary;
  return options;
}

static moe_model *compileModel() {
  moe_model *model = nullptr;
  moe_compile_options options = withVocabulary(11);
  moe_status status = moe_compile("a.moe", source, &options, &model, nullptr);
  REQUIRE_MESSAGE(status == MOE_OK, moe_last_error());
  return model;
}

/// One model for all tests: compiling is what takes time.
static moe_model *sharedModel() {
  static moe_model *model = compileModel();
  return model;
}

static moe_session *makeSession(int64_t seed = 1) {
  moe_session_options options = MOE_SESSION_OPTIONS_INIT;
  options.seed = seed;
  options.threads = 1;
  moe_session *session = nullptr;
  REQUIRE(moe_session_create(sharedModel(), &options, &session) == MOE_OK);
  return session;
}

static moe_text *makeText() {
  std::vector<int32_t> numbers(120);
  for (size_t i = 0; i < numbers.size(); ++i)
    numbers[i] = static_cast<int32_t>(i * 7 % 11);
  moe_ids ids = MOE_IDS_INIT;
  ids.vocabulary = 11;
  ids.train = ids.valid = numbers.data();
  ids.train_count = ids.valid_count = numbers.size();
  moe_text *text = nullptr;
  REQUIRE(moe_text_from_ids(&ids, &text) == MOE_OK);
  return text;
}

static bool said(const char *part) { return std::strstr(moe_last_error(), part) != nullptr; }

static const std::vector<int32_t> ids = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0};

TEST_CASE("handles: NULL, of another type, destroyed, never given") {
  moe_session *session = makeSession();
  int64_t step = 7;
  CHECK(moe_session_position(nullptr, &step) == MOE_USAGE);
  CHECK(said("the moe_session is NULL"));
  CHECK(step == 0);
  CHECK(moe_session_position(reinterpret_cast<moe_session *>(sharedModel()), &step) == MOE_USAGE);
  CHECK(said("this is a moe_model; a moe_session was expected"));
  moe_model_destroy(reinterpret_cast<moe_model *>(session)); // of another type: nothing happens
  CHECK(moe_session_position(session, &step) == MOE_OK);
  moe_session_destroy(session);
  moe_session_destroy(session);
  CHECK(moe_session_position(session, &step) == MOE_USAGE);
  CHECK(said("the moe_session was destroyed before"));
  CHECK(moe_session_position(reinterpret_cast<moe_session *>(&step), &step) == MOE_USAGE);
  CHECK(moe_session_position(reinterpret_cast<moe_session *>(uintptr_t(-1)), &step) == MOE_USAGE);
  CHECK(said("this is no handle"));
  moe_trainer_destroy(nullptr);
}

TEST_CASE("structures: of another size, options that make no sense, results that have no place") {
  moe_model *model = nullptr;
  moe_diagnostics *diagnostics = nullptr;
  moe_compile_options options = withVocabulary(11);
  options.struct_size = 3;
  CHECK(moe_compile("a.moe", source, &options, &model, &diagnostics) == MOE_USAGE);
  CHECK(said("options.struct_size is 3, expected"));
  CHECK(!model);
  CHECK(!diagnostics);
  options = withVocabulary(-1);
  CHECK(moe_compile("a.moe", source, &options, &model, nullptr) == MOE_USAGE);
  options = withVocabulary(11);
  options.override_count = 2;
  CHECK(moe_compile("a.moe", source, &options, &model, nullptr) == MOE_USAGE);
  CHECK(said("options.overrides is NULL"));
  CHECK(moe_compile("a.moe", source, nullptr, nullptr, nullptr) == MOE_USAGE);
  CHECK(said("model is NULL"));
  CHECK(moe_compile(nullptr, source, nullptr, &model, nullptr) == MOE_USAGE);
  CHECK(moe_compile_file("nowhere/a.moe", nullptr, &model, nullptr) == MOE_INPUT);
  CHECK(said("nowhere/a.moe: No such file or directory"));
  moe_session_options how = MOE_SESSION_OPTIONS_INIT;
  moe_session *session = nullptr;
  how.threads = -2;
  CHECK(moe_session_create(sharedModel(), &how, &session) == MOE_USAGE);
  CHECK(said("options.threads is -2"));
  how.threads = std::numeric_limits<int32_t>::max(); // the bookkeeping of so many once took memory that was not there
  CHECK(moe_session_create(sharedModel(), &how, &session) == MOE_USAGE);
  CHECK(said("options.threads is 2147483647, expected at most 1024"));
  moe_run *run = nullptr;
  CHECK(moe_run_open("nowhere", nullptr, how.threads, &run) == MOE_USAGE);
  CHECK(said("threads is 2147483647, expected 0 to 1024"));
  moe_step step{};
  CHECK(moe_trainer_step(nullptr, &step) == MOE_USAGE);
  CHECK(said("step.struct_size is 0"));
}

TEST_CASE("a program that is wrong: messages with their places") {
  moe_model *model = nullptr;
  moe_diagnostics *diagnostics = nullptr;
  moe_compile_options options = withVocabulary(11);
  std::string wrong = source;
  wrong.replace(wrong.find("linear"), 6, "linaer");
  CHECK(moe_compile("a.moe", wrong.c_str(), &options, &model, &diagnostics) == MOE_INPUT);
  CHECK(said("a.moe:2:10: error: "));
  CHECK(!model);
  size_t count = 0;
  REQUIRE(moe_diagnostics_count(diagnostics, &count) == MOE_OK);
  REQUIRE(count == 1);
  moe_message message = MOE_MESSAGE_INIT;
  REQUIRE(moe_diagnostics_message(diagnostics, 0, &message) == MOE_OK);
  CHECK(message.severity == MOE_ERROR);
  CHECK(message.line == 2);
  CHECK(message.column == 10);
  CHECK(std::string(message.file) == "a.moe");
  CHECK(std::string(message.text).find("linaer") != std::string::npos);
  CHECK(moe_diagnostics_message(diagnostics, 1, &message) == MOE_USAGE);
  CHECK(moe_diagnostics_note(diagnostics, 0, message.note_count, &message) == MOE_USAGE);
  const char *text = nullptr;
  REQUIRE(moe_diagnostics_text(diagnostics, &text) == MOE_OK);
  CHECK(std::strstr(text, "^"));
  moe_diagnostics_destroy(diagnostics);
}

TEST_CASE("what a model is") {
  int64_t vocabulary = 0;
  REQUIRE(moe_model_vocabulary(sharedModel(), &vocabulary) == MOE_OK);
  CHECK(vocabulary == 11);
  size_t count = 0;
  CHECK(moe_model_binding_count(sharedModel(), 4, &count) == MOE_USAGE);
  CHECK(said("4 is no moe_program"));
  REQUIRE(moe_model_binding_count(sharedModel(), MOE_TRAIN, &count) == MOE_OK);
  std::vector<std::string> parameters;
  for (size_t i = 0; i < count; ++i) {
    moe_binding binding = MOE_BINDING_INIT;
    REQUIRE(moe_model_binding(sharedModel(), MOE_TRAIN, i, &binding) == MOE_OK);
    if (binding.kind == MOE_PARAM)
      parameters.push_back(binding.name);
    if (binding.kind == MOE_INPUT_IDS) {
      CHECK(binding.rank == 2);
      CHECK(binding.shape[0] == 2); // of a micro-batch
      CHECK(binding.shape[1] == 3);
      CHECK(binding.dtype == MOE_I32);
      CHECK(binding.bytes == 24);
    }
  }
  CHECK(parameters.size() == 3);
  moe_binding binding = MOE_BINDING_INIT;
  CHECK(moe_model_binding(sharedModel(), MOE_TRAIN, count, &binding) == MOE_USAGE);
}

TEST_CASE("ids outside the vocabulary are refused before anything runs") {
  moe_session *session = makeSession();
  std::vector<int32_t> bad = ids;
  bad[5] = 11;
  CHECK(moe_session_feed(session, MOE_TRAIN, bad.data(), ids.data(), ids.size()) == MOE_INPUT);
  CHECK(said("@train: tokens[5] is 11, expected an id from 0 to 10"));
  CHECK(moe_session_feed(session, MOE_TRAIN, ids.data(), ids.data(), 5) == MOE_USAGE);
  CHECK(said("5 tokens were given, the input has 12"));
  CHECK(moe_session_feed(session, MOE_TRAIN, ids.data(), nullptr, 12) == MOE_USAGE);
  moe_tensor tokens = MOE_TENSOR_INIT;
  REQUIRE(moe_session_tensor(session, MOE_TRAIN, MOE_INPUT_IDS, "tokens", &tokens) == MOE_OK);
  CHECK(tokens.shape[0] == 4); // all batch rows
  CHECK(reinterpret_cast<uintptr_t>(tokens.data) % 64 == 0);
  static_cast<int32_t *>(tokens.data)[11] = -1;
  double loss = 1;
  CHECK(moe_session_step(session, &loss) == MOE_INPUT);
  CHECK(said("@train: tokens[3, 2] is -1"));
  CHECK(loss == 0);
  int64_t step = 1;
  REQUIRE(moe_session_position(session, &step) == MOE_OK);
  CHECK(step == 0);
  moe_session_destroy(session);
}

/// Compiles for a vocabulary (0: of none) a model that looks `tok + shift` up in a table of 5 rows.
static moe_session *makeLookup(int64_t vocabulary, const char *shift) {
  std::string head = vocabulary ? "model LM(V: dim)" : "model LM(V=5)";
  std::string program = head + "(tok: id[B,T]) -> [B,T,V] {\n  return linear(V)(embedding(5,4)(tok + " + shift +
                        "))\n}\ntrain { data=text(tokens=bytes); batch=1; context=4; loss=cross_entropy; optimizer=SGD(lr=1) }\n";
  moe_compile_options options = withVocabulary(vocabulary);
  moe_model *model = nullptr;
  REQUIRE_MESSAGE(moe_compile("rows.moe", program.c_str(), &options, &model, nullptr) == MOE_OK, moe_last_error());
  moe_session *session = nullptr;
  REQUIRE(moe_session_create(model, nullptr, &session) == MOE_OK);
  moe_model_destroy(model);
  return session;
}

static std::vector<float> copyTable(moe_session *session) {
  moe_tensor table = MOE_TENSOR_INIT;
  REQUIRE(moe_session_tensor(session, MOE_TRAIN, MOE_PARAM, "embedding.w", &table) == MOE_OK);
  auto *values = static_cast<const float *>(table.data);
  return {values, values + table.bytes / 4};
}

/// Whether a step, @eval and @decode fail alike on these tokens, and leave the table and the number of steps as they were.
static void checkRefused(moe_session *session, std::vector<int32_t> tokens, const char *message) {
  const std::vector<int32_t> targets(4, 1);
  std::vector<float> before = copyTable(session);
  double loss = 1;
  REQUIRE(moe_session_feed(session, MOE_TRAIN, tokens.data(), targets.data(), 4) == MOE_OK);
  CHECK(moe_session_step(session, &loss) == MOE_RUN);
  CHECK_MESSAGE(moe_last_error() == "step 1: " + std::string(message), moe_last_error());
  CHECK(loss == 0);
  int64_t step = 1;
  REQUIRE(moe_session_position(session, &step) == MOE_OK);
  CHECK(step == 0);
  CHECK(copyTable(session) == before);
  for (moe_program program : {MOE_EVAL, MOE_DECODE}) {
    REQUIRE(moe_session_feed(session, program, tokens.data(), program == MOE_EVAL ? targets.data() : nullptr, 4) == MOE_OK);
    CHECK(moe_session_run(session, program) == MOE_RUN);
    CHECK_MESSAGE(moe_last_error() == std::string(message), moe_last_error());
  }
}

TEST_CASE("an id that names no row of a table fails the run with its place") {
  moe_session *small = makeLookup(11, "0"); // a vocabulary of 11, a table of 5 rows
  checkRefused(small, {0, 5, 4, 10}, "rows.moe:2:20: `gather(w, ids)` takes ids from 0 to 4, found others at 2 elements");
  const std::vector<int32_t> good = {0, 1, 4, 3};
  REQUIRE(moe_session_feed(small, MOE_TRAIN, good.data(), good.data(), 4) == MOE_OK);
  CHECK(moe_session_step(small, nullptr) == MOE_OK);
  moe_session_destroy(small);

  moe_session *computed = makeLookup(11, "-1");
  checkRefused(computed, {1, 2, 0, 3}, "rows.moe:2:20: `gather(w, ids)` takes ids from 0 to 4, found others at 1 element");
  moe_session_destroy(computed);

  moe_session *any = makeLookup(0, "0"); // nothing is known of its ids but that they count
  checkRefused(any, {INT32_MAX, 1, 1, 1}, "rows.moe:2:20: `gather(w, ids)` takes ids from 0 to 4, found others at 1 element");
  const std::vector<int32_t> negative = {1, -1, 1, 1}, beyond = {1, 5, 1, 1};
  CHECK(moe_session_feed(any, MOE_TRAIN, negative.data(), good.data(), 4) == MOE_INPUT);
  CHECK(said("tokens[1] is -1, expected an id of 0 or more"));
  REQUIRE(moe_session_feed(any, MOE_TRAIN, good.data(), beyond.data(), 4) == MOE_OK);
  CHECK(moe_session_step(any, nullptr) == MOE_RUN);
  CHECK(said("step 1: rows.moe:4:59: `nll(logits, targets)` takes targets from 0 to 4, found others at 1 element"));
  moe_session_destroy(any);
}

TEST_CASE("a step in parts is the step; a wrong order is refused") {
  moe_session *whole = makeSession(), *parts = makeSession();
  for (moe_session *session : {whole, parts})
    REQUIRE(moe_session_feed(session, MOE_TRAIN, ids.data(), ids.data(), ids.size()) == MOE_OK);
  CHECK(moe_session_update(parts) == MOE_USAGE);
  double loss = 0, first = 0, second = 0;
  for (int i = 0; i < 3; ++i) {
    REQUIRE(moe_session_step(whole, &loss) == MOE_OK);
    REQUIRE(moe_session_micro_batch(parts, &first) == MOE_OK);
    CHECK(moe_session_step(parts, nullptr) == MOE_USAGE);
    REQUIRE(moe_session_micro_batch(parts, &second) == MOE_OK);
    CHECK(moe_session_micro_batch(parts, nullptr) == MOE_USAGE);
    REQUIRE(moe_session_update(parts) == MOE_OK);
    CHECK(loss == (first + second) / 2);
  }
  CHECK(moe_session_run(whole, MOE_TRAIN) == MOE_USAGE);
  CHECK(moe_session_run(whole, MOE_UPDATE) == MOE_USAGE);
  CHECK(moe_session_reset_streams(whole, -1) == MOE_USAGE);
  moe_session_destroy(whole);
  moe_session_destroy(parts);
}

TEST_CASE("a step with an infinity leaves nothing behind") {
  moe_session *session = makeSession();
  REQUIRE(moe_session_feed(session, MOE_TRAIN, ids.data(), ids.data(), ids.size()) == MOE_OK);
  moe_tensor weight = MOE_TENSOR_INIT;
  CHECK(moe_session_tensor(session, MOE_TRAIN, MOE_PARAM, "nothing", &weight) == MOE_USAGE);
  CHECK(moe_session_tensor(session, MOE_TRAIN, 99, "nothing", &weight) == MOE_USAGE);
  moe_binding binding = MOE_BINDING_INIT;
  for (size_t i = 0; binding.kind != MOE_PARAM || !binding.name; ++i)
    REQUIRE(moe_model_binding(sharedModel(), MOE_TRAIN, i, &binding) == MOE_OK);
  REQUIRE(moe_session_tensor(session, MOE_TRAIN, MOE_PARAM, binding.name, &weight) == MOE_OK);
  auto *values = static_cast<float *>(weight.data);
  float before = values[0];
  values[0] = INFINITY;
  CHECK(moe_session_step(session, nullptr) == MOE_RUN);
  CHECK(said("step 1: "));
  CHECK(std::isinf(values[0]));
  values[0] = before;
  CHECK(moe_session_step(session, nullptr) == MOE_OK);
  moe_session_destroy(session);
}

TEST_CASE("a DLPack tensor keeps the memory when session and model are gone") {
  moe_model *model = compileModel();
  moe_session *session = nullptr;
  REQUIRE(moe_session_create(model, nullptr, &session) == MOE_OK);
  moe_model_destroy(model); // the session has its share
  REQUIRE(moe_session_feed(session, MOE_EVAL, ids.data(), ids.data(), ids.size()) != MOE_BUG);
  DLManagedTensor *tensor = nullptr;
  REQUIRE(moe_session_dlpack(session, MOE_DECODE, MOE_LOGITS, "logits", &tensor) == MOE_OK);
  int32_t row[3] = {1, 2, 3};
  REQUIRE(moe_session_feed(session, MOE_DECODE, row, nullptr, 3) == MOE_OK);
  REQUIRE(moe_session_run(session, MOE_DECODE) == MOE_OK);
  moe_session_destroy(session);
  CHECK(tensor->dl_tensor.ndim == 3);
  CHECK(tensor->dl_tensor.shape[2] == 11);
  CHECK(tensor->dl_tensor.strides[0] == 33);
  CHECK(tensor->dl_tensor.strides[2] == 1);
  CHECK(tensor->dl_tensor.dtype.code == kDLFloat);
  float sum = 0;
  for (int i = 0; i < 33; ++i)
    sum += std::fabs(static_cast<float *>(tensor->dl_tensor.data)[i]);
  CHECK(sum > 0);
  tensor->deleter(tensor);
}

static int countSteps(void *user, const moe_step *step) {
  *static_cast<int64_t *>(user) = step->step;
  return step->step == 2;
}

/// Uses its own trainer from inside: refused, not a deadlock.
static int reenter(void *user, const moe_step *) {
  moe_step step = MOE_STEP_INIT;
  return moe_trainer_step(static_cast<moe_trainer *>(user), &step) == MOE_USAGE && said("another call is under way") ? 1 : 0;
}

TEST_CASE("a trainer over ids of the host") {
  moe_text *text = makeText();
  moe_trainer *trainer = nullptr;
  REQUIRE(moe_trainer_create(sharedModel(), text, nullptr, &trainer) == MOE_OK);
  const double *values = nullptr;
  size_t count = 0;
  CHECK(moe_trainer_values(trainer, MOE_METRIC, "lr", &values, &count) == MOE_USAGE);
  moe_step step = MOE_STEP_INIT;
  REQUIRE(moe_trainer_step(trainer, &step) == MOE_OK);
  CHECK(step.step == 1);
  CHECK(step.perplexity == std::exp(step.loss));
  REQUIRE(moe_trainer_values(trainer, MOE_METRIC, "lr", &values, &count) == MOE_OK);
  CHECK(count == 1);
  CHECK(values[0] == doctest::Approx(.01));
  moe_evaluation evaluation = MOE_EVALUATION_INIT;
  CHECK(moe_trainer_evaluate(trainer, 9, 0, &evaluation) == MOE_USAGE);
  CHECK(moe_trainer_evaluate(trainer, MOE_SPLIT_VALID, -1, &evaluation) == MOE_USAGE);
  REQUIRE(moe_trainer_evaluate(trainer, MOE_SPLIT_VALID, 0, &evaluation) == MOE_OK);
  CHECK(evaluation.blocks > 0);
  CHECK(evaluation.perplexity == doctest::Approx(11).epsilon(.5));
  CHECK(evaluation.bits_per_byte == 0); // ids have no bytes
  int32_t *generated = nullptr;
  moe_generate_options how = MOE_GENERATE_OPTIONS_INIT;
  how.prompt = "3 4";
  how.tokens = 5;
  REQUIRE(moe_trainer_generate(trainer, &how, nullptr, &generated, &count) == MOE_OK);
  CHECK(count == 5);
  for (size_t i = 0; i < count; ++i)
    CHECK((generated[i] >= 0 && generated[i] < 11));
  moe_free(generated);
  CHECK(moe_trainer_generate(trainer, &how, nullptr, &generated, nullptr) == MOE_USAGE);
  how.temperature = NAN;
  CHECK(moe_trainer_generate(trainer, &how, nullptr, nullptr, nullptr) == MOE_USAGE);
  int64_t heard = 0;
  REQUIRE(moe_trainer_run(trainer, countSteps, &heard, &evaluation) == MOE_OK);
  CHECK(heard == 2);
  CHECK(evaluation.blocks == 0); // stopped
  CHECK(moe_trainer_step(trainer, &step) == MOE_USAGE);
  CHECK(said("this trainer has finished"));
  moe_trainer_destroy(trainer);

  REQUIRE(moe_trainer_create(sharedModel(), text, nullptr, &trainer) == MOE_OK);
  CHECK(moe_trainer_run(trainer, reenter, trainer, nullptr) == MOE_OK);
  int64_t done = 0, all = 0;
  REQUIRE(moe_trainer_position(trainer, &done, &all) == MOE_OK);
  CHECK(done == 1); // the call from inside was refused, which stopped it
  CHECK(all == 3);
  moe_trainer_destroy(trainer);
  moe_text_destroy(text);
}

TEST_CASE("a host with an older header gets what it knows of a structure that has grown, and nothing behind it") {
  moe_text *text = makeText();
  moe_trainer *trainer = nullptr;
  REQUIRE(moe_trainer_create(sharedModel(), text, nullptr, &trainer) == MOE_OK);
  moe_evaluation evaluation = MOE_EVALUATION_INIT;
  evaluation.struct_size = offsetof(moe_evaluation, bits_per_byte);
  evaluation.bits_per_byte = 7;
  REQUIRE(moe_trainer_evaluate(trainer, MOE_SPLIT_VALID, 0, &evaluation) == MOE_OK);
  CHECK(evaluation.blocks > 0);
  CHECK(evaluation.struct_size == offsetof(moe_evaluation, bits_per_byte));
  CHECK(evaluation.bits_per_byte == 7);
  evaluation.struct_size -= 1;
  evaluation.loss = 7;
  CHECK(moe_trainer_evaluate(trainer, MOE_SPLIT_VALID, 0, &evaluation) == MOE_USAGE);
  CHECK(said("evaluation.struct_size is 63, expected 72"));
  CHECK(evaluation.loss == 7);
  moe_trainer_destroy(trainer);
  moe_text_destroy(text);
}

TEST_CASE("texts: ids that are none, ranges that are none") {
  moe_text *text = makeText();
  int32_t some[4];
  CHECK(moe_text_copy(text, MOE_SPLIT_TRAIN, 118, 4, some) == MOE_USAGE);
  CHECK(moe_text_copy(text, MOE_SPLIT_TRAIN, -1, 1, some) == MOE_USAGE);
  CHECK(moe_text_copy(text, MOE_SPLIT_TRAIN, 0, SIZE_MAX, some) == MOE_USAGE);
  CHECK(moe_text_copy(text, MOE_SPLIT_TEST, 0, 0, nullptr) == MOE_OK);
  CHECK(moe_text_copy(text, MOE_SPLIT_TRAIN, 1, 3, some) == MOE_OK);
  CHECK(some[0] == 7);
  char *words = nullptr;
  REQUIRE(moe_text_decode(text, some, 3, &words) == MOE_OK);
  CHECK(std::string(words) == "7 3 10");
  moe_free(words);
  some[1] = 11;
  CHECK(moe_text_decode(text, some, 3, &words) == MOE_INPUT);
  int32_t *encoded = some;
  size_t count = 7;
  CHECK(moe_text_encode(text, "seven", &encoded, &count) == MOE_INPUT);
  CHECK(!encoded);
  CHECK(count == 0);
  count = 7; // a call without a place for one result, or without a handle, leaves nothing in the others
  CHECK(moe_text_encode(text, "1", nullptr, &count) == MOE_USAGE);
  CHECK(count == 0);
  encoded = some, words = reinterpret_cast<char *>(some), count = 7;
  CHECK(moe_run_generate(nullptr, nullptr, &words, &encoded, &count) == MOE_USAGE);
  CHECK(!words);
  CHECK(!encoded);
  CHECK(count == 0);
  moe_text_destroy(text);
  moe_ids none = MOE_IDS_INIT;
  none.vocabulary = INT64_MAX;
  CHECK(moe_text_from_ids(&none, &text) == MOE_INPUT);
  none.vocabulary = 5;
  none.train_count = 3;
  CHECK(moe_text_from_ids(&none, &text) == MOE_USAGE);
  CHECK(said("ids.train is NULL"));
  none.train_count = 0;
  REQUIRE(moe_text_from_ids(&none, &text) == MOE_OK);
  moe_trainer *trainer = nullptr;
  CHECK(moe_trainer_create(sharedModel(), text, nullptr, &trainer) == MOE_INPUT);
  CHECK(said("the program was compiled for a vocabulary of 11, the vocabulary has 5 entries"));
  moe_text_destroy(text);
  CHECK(moe_text_load("nowhere", "{}", nullptr, &text) == MOE_INPUT);
  CHECK(moe_text_load("nowhere", "no json", nullptr, &text) == MOE_INPUT);
  moe_run *run = nullptr;
  CHECK(moe_run_open("nowhere", nullptr, 0, &run) == MOE_INPUT);
}

TEST_CASE("several threads compile, and several threads share one model") {
  std::atomic<int> failures = 0;
  std::vector<double> losses(4);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < losses.size(); ++i)
    threads.emplace_back([&, i] {
      moe_model *own = nullptr;
      moe_compile_options options = withVocabulary(11);
      failures += moe_compile("a.moe", source, &options, &own, nullptr) != MOE_OK;
      moe_session *session = nullptr;
      moe_session_options how = MOE_SESSION_OPTIONS_INIT;
      how.seed = 5;
      how.threads = 1 + static_cast<int32_t>(i % 2);
      failures += moe_session_create(i < 2 ? own : sharedModel(), &how, &session) != MOE_OK;
      failures += moe_session_feed(session, MOE_TRAIN, ids.data(), ids.data(), ids.size()) != MOE_OK;
      for (int step = 0; step < 5; ++step)
        failures += moe_session_step(session, &losses[i]) != MOE_OK;
      failures += moe_session_step(nullptr, nullptr) != MOE_USAGE || !said("NULL"); // messages are each thread's own
      moe_session_destroy(session);
      moe_model_destroy(own);
    });
  for (std::thread &thread : threads)
    thread.join();
  CHECK(failures == 0);
  for (double loss : losses)
    CHECK(loss == losses[0]);
}
