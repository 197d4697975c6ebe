//===- DataLayout.cpp - the files of a data folder --------------*- C++ -*-===//
#include "lib/Training/DataLayout.h"
#include "lib/Training/Shards.h"
#include "lib/Training/TensorHash.h"
#include "lib/Training/Text.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <functional>
#include <map>

using namespace moe;
namespace fs = std::filesystem;

std::string DataLayout::nameOf(const std::string &folder, Split split) const {
  const std::vector<std::string> &all = (*this)[split];
  if (all.size() == 1)
    return all[0];
  return folder + " (" + std::to_string(all.size()) + " files of " + toString(split) + ")";
}

/// What the validation split is called elsewhere.
static const std::vector<std::string> &namesOf(Split split) {
  static const std::array<std::vector<std::string>, 3> names = {{{"train"}, {"valid", "val", "validation"}, {"test"}}};
  return names[static_cast<size_t>(split)];
}

static Status requireFolder(const std::string &folder) {
  std::error_code ignored;
  if (fs::is_directory(folder, ignored))
    return Status::success();
  return Status::failure(folder + (fs::exists(folder, ignored) ? ": this is a file; --data wants the folder that it lies in"
                                                               : ": there is no such data folder"));
}

/// The files below a folder that `wanted` takes, in the order of the bytes of their paths; hidden ones are left out.
static Status listFiles(const fs::path &folder, const std::function<bool(const std::string &)> &wanted, std::vector<std::string> &files) {
  std::error_code error;
  for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    std::error_code ignored;
    if (it->path().filename().string().starts_with('.')) {
      if (it->is_directory(ignored))
        it.disable_recursion_pending();
    } else if (wanted(it->path().string()) && !it->is_directory(ignored)) {
      files.push_back(it->path().string());
    }
  }
  std::sort(files.begin(), files.end());
  return error ? Status::failure(folder.string() + ": " + error.message()) : Status::success();
}

static bool isTextName(const std::string &path) { return path.ends_with(".txt"); }

static std::string listAnd(const std::vector<std::string> &names) {
  std::string text;
  for (size_t i = 0; i < names.size(); ++i)
    text += (i == 0 ? "" : i + 1 == names.size() ? " and " : ", ") + names[i];
  return text;
}

//===-- Three files or folders, named for the splits ------------------------------------------===//

namespace {
/// train.txt, or wiki.train.tokens, or the folder train: a name of the split between two texts.
struct NamedPlaces {
  std::string before, after;
  bool areFolders = false;
  std::array<std::string, 3> paths = {}; ///< by Split; empty: not there
  int found = 0;

  std::string fileOf(Split split) const { return before + namesOf(split)[0] + after; }
  std::string describe() const {
    std::vector<std::string> names;
    for (Split split : splits)
      names.push_back(fileOf(split));
    return (areFolders ? "folders " : "") + listAnd(names);
  }
  Status find(const fs::path &folder) {
    for (Split split : splits)
      for (const std::string &name : namesOf(split)) {
        fs::path path = folder / (before + name + after);
        std::error_code ignored;
        if (areFolders ? !fs::is_directory(path, ignored) : !fs::exists(path, ignored))
          continue;
        std::string &place = paths[static_cast<size_t>(split)];
        if (!place.empty())
          return Status::failure(place + " and " + path.string() + " both are the " + toString(split) + " split: keep one");
        place = path.string();
        ++found;
      }
    return Status::success();
  }
  /// Some are there, but not all.
  Status refuse(const fs::path &folder, std::optional<Split> only) const {
    for (Split split : splits)
      if (paths[static_cast<size_t>(split)].empty() && (!only || split == *only))
        return Status::failure((folder / fileOf(split)).string() + ": there is no such " + (areFolders ? "folder" : "file") +
                               "; a data folder holds " + describe());
    return Status::success();
  }
};
} // namespace

static Status takeNamed(const NamedPlaces &places, DataLayout &layout) {
  layout.found = places.describe();
  std::vector<std::string> counts;
  for (Split split : splits) {
    auto i = static_cast<size_t>(split);
    if (places.paths[i].empty())
      continue;
    if (!places.areFolders) {
      layout.files[i] = {places.paths[i]};
      continue;
    }
    if (Status status = listFiles(places.paths[i], isTextName, layout.files[i]); !status)
      return status;
    if (layout.files[i].empty())
      return Status::failure(places.paths[i] + ": there is no *.txt file in this folder");
    counts.push_back(std::to_string(layout.files[i].size()));
  }
  if (places.areFolders)
    layout.found += " with " + listAnd(counts) + " text files";
  return Status::success();
}

//===-- Text files without splits --------------------------------------------------------------===//

static Status hashFile(const std::string &path, uint64_t &hash) {
  std::unique_ptr<XXH3_state_t, XXH_errorcode (*)(XXH3_state_t *)> state(XXH3_createState(), XXH3_freeState);
  XXH3_64bits_reset(state.get());
  Status status = readChunks(path, [&](std::string_view chunk) { XXH3_64bits_update(state.get(), chunk.data(), chunk.size()); });
  hash = XXH3_64bits_digest(state.get());
  return status;
}

/// One in twenty texts, and at least one, for validation, as many for the test: those with the lowest hashes. Copies of a text count as one, so
/// that none stands in two splits.
static Status shareOut(const std::string &folder, const std::vector<std::string> &files, DataLayout &layout) {
  std::map<uint64_t, std::vector<std::string>> texts;
  for (const std::string &file : files) {
    uint64_t hash = 0;
    if (Status status = hashFile(file, hash); !status)
      return status;
    texts[hash].push_back(file);
  }
  constexpr size_t oneIn = 20;
  size_t share = std::max<size_t>(1, texts.size() / oneIn), rank = 0;
  if (texts.size() < 3)
    return Status::failure(folder + ": " + std::to_string(texts.size()) + " different text file" + (texts.size() == 1 ? " is" : "s are") +
                           " too few to be split; name them train.txt, valid.txt and test.txt, or give at least 3");
  for (const auto &[hash, copies] : texts) {
    Split split = rank < share ? Split::valid : rank < 2 * share ? Split::test : Split::train;
    std::vector<std::string> &of = layout.files[static_cast<size_t>(split)];
    of.insert(of.end(), copies.begin(), copies.end());
    ++rank;
  }
  layout.found = std::to_string(files.size()) + " text files, shared out by their content:";
  for (Split split : splits) {
    std::vector<std::string> &of = layout.files[static_cast<size_t>(split)];
    std::sort(of.begin(), of.end());
    layout.found += std::string(split == Split::train ? " " : ", ") + std::to_string(of.size()) + " " + toString(split);
  }
  return Status::success();
}

//===-- Text ------------------------------------------------------------------------------------===//

static Status refuseEmpty(const std::string &folder) {
  std::vector<std::string> shards;
  if (Status status = listFiles(folder, isShardName, shards); !status)
    return status;
  if (!shards.empty())
    return Status::failure(folder + ": there is no text here, but there are token ids (" + fs::path(shards[0]).filename().string() +
                           "): data = shards(vocabulary=N) reads them");
  return Status::failure(folder + ": there is no text here; looked for train.txt, valid.txt and test.txt; for wiki.train.tokens, wiki.valid.tokens and "
                                  "wiki.test.tokens; for folders train, valid and test; for any *.txt");
}

Status moe::findText(const std::string &folder, std::optional<Split> only, DataLayout &layout) {
  if (Status status = requireFolder(folder); !status)
    return status;
  layout = {};
  NamedPlaces all[] = {{"", ".txt"}, {"wiki.", ".tokens"}, {"wiki.", ".raw"}, {"", "", true}};
  const NamedPlaces *complete = nullptr, *partial = nullptr;
  for (NamedPlaces &places : all) {
    if (Status status = places.find(folder); !status)
      return status;
    bool isComplete = only ? !places.paths[static_cast<size_t>(*only)].empty() : places.found == 3;
    if (complete && isComplete)
      return Status::failure(folder + ": there are " + complete->describe() + ", and also " + places.describe() + ": keep one of them");
    if (isComplete)
      complete = &places;
    else if (places.found && !partial)
      partial = &places;
  }
  if (complete)
    return takeNamed(*complete, layout);
  if (partial)
    return partial->refuse(folder, only);
  std::vector<std::string> files;
  if (Status status = listFiles(folder, isTextName, files); !status)
    return status;
  return files.empty() ? refuseEmpty(folder) : shareOut(folder, files, layout);
}

//===-- Shards ----------------------------------------------------------------------------------===//

/// The splits that the words of a file's path below the data folder name: fineweb_train_000001.bin, val/part-3.npy.
static std::vector<Split> splitsNamedBy(const std::string &path) {
  std::vector<Split> named;
  auto take = [&](const std::string &word) {
    for (Split split : splits)
      if (const std::vector<std::string> &names = namesOf(split); std::find(names.begin(), names.end(), word) != names.end())
        if (std::find(named.begin(), named.end(), split) == named.end())
          named.push_back(split);
  };
  std::string word;
  for (char c : path + ".") {
    if (std::isalpha(static_cast<unsigned char>(c))) {
      word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      continue;
    }
    take(word);
    word.clear();
  }
  return named;
}

Status moe::findShards(const std::string &folder, std::optional<Split> only, DataLayout &layout) {
  if (Status status = requireFolder(folder); !status)
    return status;
  layout = {};
  std::vector<std::string> files;
  if (Status status = listFiles(folder, isShardName, files); !status)
    return status;
  for (const std::string &file : files) {
    std::vector<Split> named = splitsNamedBy(fs::path(file).lexically_relative(folder).string());
    if (named.size() != 1)
      return Status::failure(file + ": its name says " + (named.empty() ? "neither train nor val nor test" : "more than one split") +
                             ", as in train.bin or fineweb_val_000000.bin");
    layout.files[static_cast<size_t>(named[0])].push_back(file);
  }
  for (Split split : splits)
    if (bool isNeeded = only ? split == *only : split != Split::test; isNeeded && layout[split].empty())
      return Status::failure(folder + ": there are no token ids for " + toString(split) + "; looked for *.bin and *.npy with '" +
                             (split == Split::valid ? "val" : toString(split)) + "' in their names");
  for (Split split : splits)
    layout.found += std::string(split == Split::train ? "" : ", ") + std::to_string(layout[split].size()) + " " + toString(split);
  layout.found += " shards";
  return Status::success();
}
