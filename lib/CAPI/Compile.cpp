//===- Compile.cpp - programs and what the compiler says --------*- C++ -*-===//
#include "lib/CAPI/Objects.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

using namespace moe;
using namespace moe::capi;

static std::vector<std::string> readList(const char *const *texts, size_t count, const char *name) {
  std::vector<std::string> list;
  if (count)
    need(texts, name);
  for (size_t i = 0; i < count; ++i)
    list.push_back(needText(texts[i], name));
  return list;
}

static CompileOptions readCompileOptions(const moe_compile_options *given) {
  moe_compile_options options = readOptions<moe_compile_options>(given, MOE_COMPILE_OPTIONS_INIT, "options");
  if (options.vocabulary < 0 || options.decode_rows < 0)
    throw Failure(MOE_USAGE, "options: vocabulary and decode_rows must be 0 or more");
  CompileOptions read;
  read.overrides = readList(options.overrides, options.override_count, "options.overrides");
  read.presets = readList(options.presets, options.preset_count, "options.presets");
  read.vocabulary = options.vocabulary;
  if (options.decode_rows)
    read.decodeRows = options.decode_rows;
  if (options.cache_dir)
    read.cacheDir = options.cache_dir;
  return read;
}

static std::string readFile(const std::string &path) {
  std::ifstream in(path, std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(in), {});
  if (!in.is_open() || in.bad())
    throw Failure(MOE_INPUT, path + ": " + std::strerror(errno));
  return text;
}

/// Throws what the compiler has said, when it failed.
static void settle(const Diagnostics &diagnostics) {
  if (!diagnostics.failed)
    return;
  std::string text = diagnostics.text;
  while (!text.empty() && text.back() == '\n')
    text.pop_back();
  throw Failure(diagnostics.bug ? MOE_BUG : MOE_INPUT, text);
}

std::shared_ptr<ModelObject> capi::compileModel(const std::string &fileName, const std::string &source, const CompileOptions &options,
                                                Diagnostics &diagnostics) {
  auto model = std::make_shared<ModelObject>();
  model->compiled = moe::compile(fileName, source, options, diagnostics);
  settle(diagnostics);
  if (!model->compiled)
    throw Failure(MOE_BUG, "internal error: the compiler gave neither a program nor a reason");
  model->fileName = fileName;
  model->source = source;
  model->options = options;
  require(parseSettings(model->executable().settings, model->settings), MOE_INPUT);
  return model;
}

/// Runs `work` with diagnostics that the host gets whether or not it throws.
template <typename Work>
static void withDiagnostics(moe_diagnostics **into, Work &&work) {
  auto object = std::make_shared<DiagnosticsObject>();
  auto give = [&] {
    if (into)
      *into = makeHandle(object);
  };
  try {
    work(object->diagnostics);
  } catch (...) {
    give();
    throw;
  }
  give();
}

static void compileTo(const std::string &fileName, const std::string &source, const moe_compile_options *options, moe_model *&model,
                      moe_diagnostics **diagnostics) {
  CompileOptions read = readCompileOptions(options);
  withDiagnostics(diagnostics, [&](Diagnostics &said) { model = makeHandle(compileModel(fileName, source, read, said)); });
}

moe_status moe_compile(const char *file_name, const char *source, const moe_compile_options *options, moe_model **model,
                       moe_diagnostics **diagnostics) {
  return call([&] {
    if (diagnostics)
      *diagnostics = nullptr;
    moe_model *&result = needResult(model, "model");
    compileTo(needText(file_name, "file_name"), needText(source, "source"), options, result, diagnostics);
  });
}

moe_status moe_compile_file(const char *path, const moe_compile_options *options, moe_model **model, moe_diagnostics **diagnostics) {
  return call([&] {
    if (diagnostics)
      *diagnostics = nullptr;
    moe_model *&result = needResult(model, "model");
    std::string name = needText(path, "path");
    compileTo(name, readFile(name), options, result, diagnostics);
  });
}

moe_status moe_read_settings(const char *file_name, const char *source, const moe_compile_options *options, char **json,
                             moe_diagnostics **diagnostics) {
  return call([&] {
    if (diagnostics)
      *diagnostics = nullptr;
    char *&result = needResult(json, "json");
    std::string name = needText(file_name, "file_name"), text = needText(source, "source");
    CompileOptions read = readCompileOptions(options);
    withDiagnostics(diagnostics, [&](Diagnostics &said) {
      std::optional<std::string> settings = moe::readSettings(name, text, read, said);
      settle(said);
      result = copyForCaller(settings.value());
    });
  });
}

//===-- Diagnostics ----------------------------------------------------------------===//

static moe_message describe(const Message &message) {
  moe_message into = MOE_MESSAGE_INIT;
  into.severity = static_cast<moe_severity>(message.severity);
  into.line = message.line;
  into.column = message.column;
  into.note_count = static_cast<uint32_t>(message.notes.size());
  into.file = message.file.c_str();
  into.text = message.text.c_str();
  into.suggestion = message.suggestion.c_str();
  return into;
}
static_assert(static_cast<int>(Message::Severity::note) == MOE_NOTE);

moe_status moe_diagnostics_count(moe_diagnostics *diagnostics, size_t *count) {
  return call([&] {
    auto &into = needResult(count, "count");
    into = get<DiagnosticsObject>(diagnostics)->diagnostics.messages.size();
  });
}

moe_status moe_diagnostics_message(moe_diagnostics *diagnostics, size_t index, moe_message *message) {
  return call([&] {
    StructureResult into(message, "message");
    auto object = get<DiagnosticsObject>(diagnostics);
    requireIndex(index, object->diagnostics.messages.size(), "index");
    into.give(describe(object->diagnostics.messages[index]));
  });
}

moe_status moe_diagnostics_note(moe_diagnostics *diagnostics, size_t index, size_t note, moe_message *message) {
  return call([&] {
    StructureResult into(message, "message");
    auto object = get<DiagnosticsObject>(diagnostics);
    requireIndex(index, object->diagnostics.messages.size(), "index");
    requireIndex(note, object->diagnostics.messages[index].notes.size(), "note");
    into.give(describe(object->diagnostics.messages[index].notes[note]));
  });
}

moe_status moe_diagnostics_text(moe_diagnostics *diagnostics, const char **text) {
  return call([&] {
    auto &into = needResult(text, "text");
    into = get<DiagnosticsObject>(diagnostics)->diagnostics.text.c_str();
  });
}
