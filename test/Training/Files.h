//===- Files.h - files of a test --------------------------------*- C++ -*-===//
#pragma once

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace moe::test {

/// A folder that goes at the end of the test.
class Folder {
public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "moec-test-XXXXXX").string();
    path = mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path); }
  Folder(const Folder &) = delete;

  std::string operator/(const std::string &name) const { return (path / name).string(); }
  std::string str() const { return path.string(); }

private:
  std::filesystem::path path;
};

inline void write(const std::string &path, const std::string &text) {
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

inline std::string read(const std::string &path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline std::vector<std::string> list(const std::string &folder) {
  std::vector<std::string> names;
  for (const auto &entry : std::filesystem::directory_iterator(folder))
    names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

/// train.txt, valid.txt, test.txt
inline void writeData(const std::string &folder, const std::string &train, const std::string &valid, const std::string &test) {
  write(folder + "/train.txt", train);
  write(folder + "/valid.txt", valid);
  write(folder + "/test.txt", test);
}

} // namespace moe::test
