//===- Scratch.cpp - inputs as files ----------------------------------------===//
#include "test/Fuzz/Scratch.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

using namespace moe;
namespace fs = std::filesystem;

static void fail(const std::string &what) {
  std::perror(what.c_str());
  std::exit(2);
}

namespace {
struct Folder {
  Folder() {
    std::error_code error;
    std::string name = (fs::is_directory("/dev/shm", error) ? fs::path("/dev/shm") : fs::temp_directory_path()) / "moe-fuzz-XXXXXX";
    if (!mkdtemp(name.data()))
      fail(name);
    path = name;
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
  std::string path;
};
} // namespace

const std::string &fuzz::scratchFolder() {
  static const Folder folder;
  return folder.path;
}

std::string fuzz::writeScratch(const std::string &name, std::string_view content) {
  std::string path = scratchFolder() + "/" + name;
  if (!std::ofstream(path, std::ios::binary).write(content.data(), static_cast<std::streamsize>(content.size())).flush())
    fail(path);
  return path;
}

std::string fuzz::readScratch(const std::string &name) {
  std::ifstream in(scratchFolder() + "/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
