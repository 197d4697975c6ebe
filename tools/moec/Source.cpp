//===- Source.cpp - .moe files and how they are compiled --------------------===//
#include "tools/moec/Source.h"

#include "lib/Support/AtomicFile.h"
#include "tools/moec/Console.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

using namespace moe;
using namespace moe::cli;

void cli::declareOverrides(po::options_description &options) {
  options.add_options()("set", po::value<std::vector<std::string>>()->value_name("PATH=VALUE"),
                        "change a value of the file, such as model.d=64 or train.steps=100; may be given several times");
  options.add_options()("preset", po::value<std::vector<std::string>>()->value_name("NAME"),
                        "apply a preset of the file before --set; may be given several times");
}

void cli::declareCache(po::options_description &options) {
  options.add_options()("no-cache", "compile and encode anew instead of using what was made before");
}

std::string cli::cacheFolder(const po::variables_map &arguments) {
  if (arguments.count("no-cache"))
    return "";
  if (const char *cache = std::getenv("XDG_CACHE_HOME"); cache && *cache)
    return std::string(cache) + "/moec";
  if (const char *home = std::getenv("HOME"); home && *home)
    return std::string(home) + "/.cache/moec";
  return "";
}

std::string cli::readFile(const std::string &path) {
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  if (std::error_code error; std::filesystem::is_directory(path, error))
    throw Failure(badInput, "cannot read " + path + ": it is a folder");
  if (!in || !(text << in.rdbuf())) {
    // An empty file gives nothing to insert, which is no error.
    if (std::error_code error; in.is_open() && std::filesystem::file_size(path, error) == 0 && !error)
      return "";
    throw Failure(badInput, "cannot read " + path + ": " + (errno ? std::strerror(errno) : "input error"));
  }
  return text.str();
}

void cli::writeOutput(const std::string &path, const std::string &content) {
  if (path.empty()) {
    std::cout.write(content.data(), static_cast<std::streamsize>(content.size())); // whether it arrives flushOutput says
    return;
  }
  // A file is replaced at once or not at all; a device or a pipe is written to and stays what it is.
  std::error_code ignored;
  auto kind = std::filesystem::status(path, ignored).type();
  bool isWrittenTo = kind == std::filesystem::file_type::character || kind == std::filesystem::file_type::fifo || kind == std::filesystem::file_type::block;
  Status status;
  if (isWrittenTo) {
    RecordFile file;
    status = file.open(path, RecordFile::Mode::append);
    if (status)
      status = file.append(content);
  } else {
    status = writeFile(path, content);
  }
  if (!status)
    throw Failure(status.isMachines ? failedRun : badInput, "cannot write " + status.error);
}

void cli::settle(const Diagnostics &diagnostics) {
  std::cerr << diagnostics.text;
  if (diagnostics.failed)
    throw Failure(diagnostics.bug ? bug : badInput, "");
}

Source Source::read(const po::variables_map &arguments) {
  Source source;
  source.fileName = arguments["FILE"].as<std::string>();
  source.text = readFile(source.fileName);
  if (arguments.count("set"))
    source.options.overrides = arguments["set"].as<std::vector<std::string>>();
  if (arguments.count("preset"))
    source.options.presets = arguments["preset"].as<std::vector<std::string>>();
  source.options.cacheDir = cacheFolder(arguments);
  source.options.color = useColor();
  return source;
}

void Source::check() const {
  Diagnostics diagnostics;
  moe::check(fileName, text, options, diagnostics);
  settle(diagnostics);
}

std::string Source::readSettings() const {
  Diagnostics diagnostics;
  auto settings = moe::readSettings(fileName, text, options, diagnostics);
  settle(diagnostics);
  return *settings;
}

std::unique_ptr<CompiledModel> Source::compile() const {
  Diagnostics diagnostics;
  auto model = moe::compile(fileName, text, options, diagnostics);
  settle(diagnostics);
  return model;
}
