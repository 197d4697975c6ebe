import os
import platform
import subprocess
import sys

import lit.formats

config.name = "moec"
config.test_format = lit.formats.ShTest(execute_external=True)
config.suffixes = [".mlir", ".moe", ".test"]
config.excludes = ["golden", "Inputs", "regressions"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.moe_build, "test")

tools = os.path.join(config.moe_build, "bin")
config.environment["PATH"] = os.pathsep.join([tools, config.llvm_tools, os.environ["PATH"]])
config.environment["XDG_CACHE_HOME"] = os.path.join(config.moe_build, "test-cache")
config.environment["NO_COLOR"] = "1"
config.substitutions.append(("%models", os.path.join(config.moe_source, "models")))
config.substitutions.append(("%golden", os.path.join(config.moe_source, "test", "golden")))
config.substitutions.append(("%source", config.moe_source))
config.substitutions.append(("%bin", tools))
config.substitutions.append(("%build", config.moe_build))
config.substitutions.append(("%python", sys.executable))


def own_mounts():
    """How to run a command where it may mount file systems; nothing where the system allows that to nobody."""
    for command in (["unshare", "-m"], ["unshare", "-Urm"]):
        try:
            if subprocess.run([*command, "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True).returncode == 0:
                return " ".join(command)
        except OSError:
            return None
    return None


if mounting := own_mounts():
    config.available_features.add("mounts")
    config.substitutions.append(("%own-mounts", mounting))


def find_python(*packages):
    """A Python that has these packages; nothing where none has."""
    look = "import importlib.util, sys; sys.exit(not all(map(importlib.util.find_spec, sys.argv[1:])))"
    for python in (os.path.join(config.moe_source, ".venv/bin/python"), sys.executable):
        if os.path.exists(python) and subprocess.run([python, "-c", look, *packages]).returncode == 0:
            return python
    return None


config.available_features.add(platform.machine())
if torch_python := find_python("torch", "numpy", "safetensors"):
    config.available_features.add("torch")
    config.substitutions.append(("%torch-python", torch_python))
if tokenizers_python := find_python("tokenizers", "numpy"):
    config.available_features.add("tokenizers")
    config.substitutions.append(("%tokenizers-python", tokenizers_python))
if tensorboard_python := find_python("tensorboard"):
    config.available_features.add("tensorboard")
    config.substitutions.append(("%tensorboard-python", tensorboard_python))
if config.sanitize:
    config.available_features.add("asan")
    # The MLIR libraries are not instrumented: what they allocate at start-up is theirs, and where they take memory from an allocator whose inline code
    # poisoned it on our side, they do not say so.
    config.environment["ASAN_OPTIONS"] = "detect_leaks=0:detect_container_overflow=0:allow_user_poisoning=0"
