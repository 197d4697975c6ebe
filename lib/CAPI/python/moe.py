"""moe: compile and train mixture-of-experts models from Python.

One file over the C interface of moec (moe-c/moe.h). It needs libmoe and nothing else; with NumPy, arrays are views of the memory the model
computes in, and `torch.from_dlpack` and every other library that knows DLPack take tensors without a copy too.

    import moe

    model = moe.compile("quickstart.moe", data="data/small")
    trainer = model.train(out="runs/a")
    for step in trainer:
        print(step.step, step.loss)
    print(trainer.evaluate("valid").perplexity)
    print(trainer.generate("A computer is", tokens=30))

A host that makes its own batches uses a session:

    model = moe.compile("model.moe", vocabulary=256)
    session = model.session(seed=1)
    loss = session.step(tokens, targets)          # arrays of ids, [batch, context]
    weight = session.param("h.w").numpy()         # a view: it changes with the next step

libmoe is looked for in $MOE_LIBRARY, then where it is installed beside this file, then where the system's loader looks.
"""
import ctypes
import json
import os
import pathlib
from ctypes import POINTER, byref, c_char_p, c_double, c_int32, c_int64, c_size_t, c_uint32, c_uint64, c_void_p

__all__ = ["Error", "Evaluation", "Message", "Model", "Run", "Session", "Step", "Tensor", "Text", "Trainer", "compile", "open_run", "resume"]

ABI_VERSION = 1

PROGRAMS = ("train", "update", "eval", "decode")
KINDS = ("param", "state", "stream", "tally", "opt", "grad", "input", "key", "step", "objective", "loss", "aux", "probe", "logits", "metric", "check")
SPLITS = ("train", "valid", "test")


# What moe.h declares ------------------------------------------------------------------------------------------------------------


class _Sized(ctypes.Structure):
    def __init__(self, **values):
        super().__init__(struct_size=ctypes.sizeof(type(self)), **values)


class _CompileOptions(_Sized):
    _fields_ = [("struct_size", c_size_t), ("overrides", POINTER(c_char_p)), ("override_count", c_size_t), ("presets", POINTER(c_char_p)),
                ("preset_count", c_size_t), ("vocabulary", c_int64), ("decode_rows", c_int64), ("cache_dir", c_char_p)]


class _Message(_Sized):
    _fields_ = [("struct_size", c_size_t), ("severity", c_int32), ("line", c_uint32), ("column", c_uint32), ("note_count", c_uint32),
                ("file", c_char_p), ("text", c_char_p), ("suggestion", c_char_p)]


class _Binding(_Sized):
    _fields_ = [("struct_size", c_size_t), ("kind", c_int32), ("dtype", c_int32), ("name", c_char_p), ("shape", POINTER(c_int64)),
                ("rank", c_size_t), ("bytes", c_int64)]


class _Tensor(_Sized):
    _fields_ = [("struct_size", c_size_t), ("data", c_void_p), ("kind", c_int32), ("dtype", c_int32), ("name", c_char_p),
                ("shape", POINTER(c_int64)), ("rank", c_size_t), ("bytes", c_int64)]


class _SessionOptions(_Sized):
    _fields_ = [("struct_size", c_size_t), ("seed", c_int64), ("threads", c_int32)]


class _Ids(_Sized):
    _fields_ = [("struct_size", c_size_t), ("vocabulary", c_int64), ("train", POINTER(c_int32)), ("train_count", c_size_t),
                ("valid", POINTER(c_int32)), ("valid_count", c_size_t), ("test", POINTER(c_int32)), ("test_count", c_size_t)]


class _TrainerOptions(_Sized):
    _fields_ = [("struct_size", c_size_t), ("out", c_char_p), ("data", c_char_p), ("steps", c_int64), ("seed", c_int64), ("threads", c_int32)]


class _Step(_Sized):
    _fields_ = [("struct_size", c_size_t), ("step", c_int64), ("loss", c_double), ("perplexity", c_double), ("seconds", c_double),
                ("tokens_per_second", c_double)]


class _Evaluation(_Sized):
    _fields_ = [("struct_size", c_size_t), ("loss", c_double), ("perplexity", c_double), ("unigram_perplexity", c_double),
                ("unknown_share", c_double), ("tokens", c_int64), ("blocks", c_int64), ("seconds", c_double), ("bits_per_byte", c_double)]


class _GenerateOptions(_Sized):
    _fields_ = [("struct_size", c_size_t), ("prompt", c_char_p), ("tokens", c_int64), ("temperature", c_double), ("seed", c_uint64)]


def _find_library():
    given = os.environ.get("MOE_LIBRARY")
    if given:
        return given
    here = pathlib.Path(__file__).resolve()  # PREFIX/share/moe/python/moe.py
    for folder in ("lib", "lib64", f"lib/{os.uname().machine}-linux-gnu"):
        path = here.parents[min(3, len(here.parents) - 1)] / folder / f"libmoe.so.{ABI_VERSION}"
        if path.exists():
            return str(path)
    return f"libmoe.so.{ABI_VERSION}"


def _load():
    path = _find_library()
    try:
        library = ctypes.CDLL(path)
    except OSError as problem:
        raise ImportError(f"libmoe cannot be loaded: {problem}; set MOE_LIBRARY to its path") from None
    library.moe_abi_version.restype = c_uint32
    if library.moe_abi_version() != ABI_VERSION:
        raise ImportError(f"{path} has interface version {library.moe_abi_version()}, this module needs {ABI_VERSION}")
    library.moe_last_error.restype = library.moe_version.restype = c_char_p
    library.moe_free.argtypes = [c_void_p]
    library.moe_free.restype = None
    for kind in ("model", "diagnostics", "session", "text", "trainer", "run"):
        destroy = getattr(library, f"moe_{kind}_destroy")
        destroy.argtypes, destroy.restype = [c_void_p], None
    signatures = {
        "compile": [c_char_p, c_char_p, POINTER(_CompileOptions), POINTER(c_void_p), POINTER(c_void_p)],
        "read_settings": [c_char_p, c_char_p, POINTER(_CompileOptions), POINTER(c_void_p), POINTER(c_void_p)],
        "diagnostics_count": [c_void_p, POINTER(c_size_t)],
        "diagnostics_message": [c_void_p, c_size_t, POINTER(_Message)],
        "diagnostics_note": [c_void_p, c_size_t, c_size_t, POINTER(_Message)],
        "model_settings": [c_void_p, POINTER(c_char_p)],
        "model_binding_count": [c_void_p, c_int32, POINTER(c_size_t)],
        "model_binding": [c_void_p, c_int32, c_size_t, POINTER(_Binding)],
        "session_create": [c_void_p, POINTER(_SessionOptions), POINTER(c_void_p)],
        "session_tensor": [c_void_p, c_int32, c_int32, c_char_p, POINTER(_Tensor)],
        "session_dlpack": [c_void_p, c_int32, c_int32, c_char_p, POINTER(c_void_p)],
        "session_feed": [c_void_p, c_int32, POINTER(c_int32), POINTER(c_int32), c_size_t],
        "session_step": [c_void_p, POINTER(c_double)],
        "session_micro_batch": [c_void_p, POINTER(c_double)],
        "session_update": [c_void_p],
        "session_run": [c_void_p, c_int32],
        "session_reset_streams": [c_void_p, c_int32],
        "session_position": [c_void_p, POINTER(c_int64)],
        "session_save": [c_void_p, c_char_p],
        "session_load": [c_void_p, c_char_p],
        "text_load": [c_char_p, c_char_p, c_char_p, POINTER(c_void_p)],
        "text_from_ids": [POINTER(_Ids), POINTER(c_void_p)],
        "text_vocabulary": [c_void_p, POINTER(c_int64)],
        "text_count": [c_void_p, c_int32, POINTER(c_int64)],
        "text_copy": [c_void_p, c_int32, c_int64, c_size_t, POINTER(c_int32)],
        "text_encode": [c_void_p, c_char_p, POINTER(c_void_p), POINTER(c_size_t)],
        "text_decode": [c_void_p, POINTER(c_int32), c_size_t, POINTER(c_void_p)],
        "trainer_create": [c_void_p, c_void_p, POINTER(_TrainerOptions), POINTER(c_void_p)],
        "trainer_resume": [c_char_p, POINTER(_TrainerOptions), c_char_p, POINTER(c_void_p)],
        "trainer_step": [c_void_p, POINTER(_Step)],
        "trainer_finish": [c_void_p, POINTER(_Evaluation)],
        "trainer_stop": [c_void_p],
        "trainer_position": [c_void_p, POINTER(c_int64), POINTER(c_int64)],
        "trainer_values": [c_void_p, c_int32, c_char_p, POINTER(POINTER(c_double)), POINTER(c_size_t)],
        "trainer_tensor": [c_void_p, c_int32, c_char_p, POINTER(_Tensor)],
        "trainer_dlpack": [c_void_p, c_int32, c_char_p, POINTER(c_void_p)],
        "trainer_save": [c_void_p, c_char_p],
        "trainer_restore": [c_void_p, c_char_p],
        "trainer_evaluate": [c_void_p, c_int32, c_int64, POINTER(_Evaluation)],
        "trainer_generate": [c_void_p, POINTER(_GenerateOptions), POINTER(c_void_p), POINTER(c_void_p), POINTER(c_size_t)],
        "run_open": [c_char_p, c_char_p, c_int32, POINTER(c_void_p)],
        "run_evaluate": [c_void_p, c_char_p, c_int32, c_int64, POINTER(_Evaluation)],
        "run_generate": [c_void_p, POINTER(_GenerateOptions), POINTER(c_void_p), POINTER(c_void_p), POINTER(c_size_t)],
    }
    for name, arguments in signatures.items():
        function = getattr(library, "moe_" + name)
        function.argtypes, function.restype = arguments, c_int32
    return library


_lib = _load()
__version__ = _lib.moe_version().decode()


# Errors -------------------------------------------------------------------------------------------------------------------------


class Error(RuntimeError):
    """What went wrong, in the words of moec; for a program, with source lines and carets.

    `status` says who is to blame, with the exit codes of moec: 1 the input, 2 the use of this module, 3 the run, 70 a bug of moec.
    `messages` are those of the compiler, with their places.
    """

    def __init__(self, text, status, messages=()):
        super().__init__(text)
        self.status, self.messages = status, list(messages)


class Message:
    """One message of the compiler: `severity`, `file`, `line`, `column`, `text`, `suggestion`, `notes`."""

    def __init__(self, raw, notes):
        self.severity = ("error", "warning", "note")[raw.severity]
        self.file, self.text, self.suggestion = raw.file.decode(), raw.text.decode(), raw.suggestion.decode()
        self.line, self.column, self.notes = raw.line, raw.column, notes

    def __repr__(self):
        place = f"{self.file}:{self.line}:{self.column}: " if self.line else ""
        return f"{place}{self.severity}: {self.text}"


def _check(status, messages=()):
    if status:
        raise Error(_lib.moe_last_error().decode(errors="replace"), status, messages)


def _take_messages(diagnostics):
    """Reads and frees a moe_diagnostics."""
    if not diagnostics.value:
        return []

    def read(function, *index):
        raw = _Message()
        _check(function(diagnostics, *index, byref(raw)))
        return raw

    try:
        count, messages = c_size_t(), []
        _check(_lib.moe_diagnostics_count(diagnostics, byref(count)))
        for i in range(count.value):
            raw = read(_lib.moe_diagnostics_message, i)
            notes = [Message(read(_lib.moe_diagnostics_note, i, n), []) for n in range(raw.note_count)]
            messages.append(Message(raw, notes))
        return messages
    finally:
        _lib.moe_diagnostics_destroy(diagnostics)


def _path(path):
    return os.fsencode(path) if path is not None else None


def _text(value, name):
    if not isinstance(value, str):
        raise TypeError(f"{name} is a {type(value).__name__}, expected a str")
    if "\0" in value:
        raise ValueError(f"{name} holds a zero character")
    return value.encode()


def _index(names, name, what):
    try:
        return names.index(name)
    except ValueError:
        raise ValueError(f"{what} is {name!r}, expected one of {', '.join(names)}") from None


class _Owner:
    """Owns a handle."""

    _kind = ""

    def __init__(self, handle):
        self._handle = handle

    def close(self):
        """Frees it now instead of when nobody uses it any more. Tensors stay valid while somebody holds them."""
        handle, self._handle = self._handle, None
        if handle and handle.value:
            getattr(_lib, f"moe_{self._kind}_destroy")(handle)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def __del__(self):
        if getattr(self, "_handle", None):
            self.close()


# Tensors ------------------------------------------------------------------------------------------------------------------------


class _DLTensor(ctypes.Structure):
    _fields_ = [("data", c_void_p), ("device_type", c_int32), ("device_id", c_int32), ("ndim", c_int32), ("code", ctypes.c_uint8),
                ("bits", ctypes.c_uint8), ("lanes", ctypes.c_uint16), ("shape", POINTER(c_int64)), ("strides", POINTER(c_int64)),
                ("byte_offset", c_uint64)]


class _DLManagedTensor(ctypes.Structure):
    _fields_ = [("tensor", _DLTensor), ("context", c_void_p), ("deleter", ctypes.CFUNCTYPE(None, c_void_p))]


_capsule_new = ctypes.pythonapi.PyCapsule_New
_capsule_new.restype, _capsule_new.argtypes = ctypes.py_object, [c_void_p, c_char_p, c_void_p]
_capsule_pointer = ctypes.pythonapi.PyCapsule_GetPointer
_capsule_pointer.restype, _capsule_pointer.argtypes = c_void_p, [c_void_p, c_char_p]
_capsule_valid = ctypes.pythonapi.PyCapsule_IsValid
_capsule_valid.restype, _capsule_valid.argtypes = ctypes.c_int, [c_void_p, c_char_p]
_CAPSULE_NAME = b"dltensor"


@ctypes.PYFUNCTYPE(None, c_void_p)
def _free_capsule(capsule):
    # Whoever takes the tensor renames the capsule and frees the tensor itself.
    if _capsule_valid(capsule, _CAPSULE_NAME):
        pointer = _capsule_pointer(capsule, _CAPSULE_NAME)
        _DLManagedTensor.from_address(pointer).deleter(pointer)


class Tensor:
    """A tensor of a model where it lies; nothing is copied until you ask for it.

    `numpy.asarray(tensor)` (or `tensor.numpy()`) and `torch.from_dlpack(tensor)` are views: they change when the model runs, and what is written to
    them is what the model reads. They keep the memory. Without NumPy: `tolist()`, `item()`, `memory()`.
    """

    _TYPES = ((ctypes.c_float, "<f4", "float32"), (c_int32, "<i4", "int32"), (ctypes.c_bool, "|b1", "bool"))

    def __init__(self, view, export):
        """`export()` gives a new DLManagedTensor; one is held so that the memory stays."""
        self.name, self.kind = view.name.decode(), KINDS[view.kind]
        self.shape = tuple(view.shape[i] for i in range(view.rank))
        self._ctype, self._typestr, self.dtype = self._TYPES[view.dtype]
        self._data, self._export = view.data, export
        self._held = _Held(export())

    @property
    def size(self):
        """How many elements it has."""
        count = 1
        for extent in self.shape:
            count *= extent
        return count

    def __len__(self):
        return self.shape[0] if self.shape else 1

    @property
    def __array_interface__(self):
        return {"version": 3, "shape": self.shape, "typestr": self._typestr, "data": (self._data, False), "strides": None}

    def numpy(self):
        """A NumPy array that is a view of the tensor."""
        import numpy

        return numpy.asarray(self)

    def __dlpack__(self, **_):
        return _capsule_new(self._export(), _CAPSULE_NAME, ctypes.cast(_free_capsule, c_void_p))

    def __dlpack_device__(self):
        return (1, 0)  # kDLCPU

    def memory(self):
        """A flat, writable memoryview of the elements."""
        array = (self._ctype * self.size).from_address(self._data)
        array._owner = self._held
        return memoryview(array).cast("B").cast({"float32": "f", "int32": "i", "bool": "?"}[self.dtype])

    def item(self):
        """The number of a tensor with one element."""
        if self.size != 1:
            raise ValueError(f"{self.kind} '{self.name}' has {self.size} elements, expected one")
        return self.memory()[0]

    def tolist(self):
        """Nested lists of numbers: a copy."""

        def nest(values, shape):
            if not shape:
                return values[0]
            step = len(values) // shape[0] if shape[0] else 0
            return [nest(values[i * step : (i + 1) * step], shape[1:]) for i in range(shape[0])]

        return nest(self.memory().tolist(), self.shape)

    def __repr__(self):
        return f"Tensor({self.kind} {self.name!r}, {self.dtype}{list(self.shape)})"


class _Held:
    """A DLManagedTensor that is given back in the end."""

    def __init__(self, pointer):
        self._pointer = pointer

    def __del__(self):
        _DLManagedTensor.from_address(self._pointer).deleter(self._pointer)


def _make_tensor(owner, tensor_function, dlpack_function, *place):
    view = _Tensor()
    _check(tensor_function(owner._handle, *place, byref(view)))

    def export():
        exported = c_void_p()
        _check(dlpack_function(owner._handle, *place, byref(exported)))
        return exported.value

    return Tensor(view, export)


def _as_ids(values, name):
    """A ctypes array of 32-bit ids, or None; arrays of int32 are passed as they are."""
    if values is None:
        return None, 0
    if hasattr(values, "__array_interface__") or hasattr(values, "__array__"):
        import numpy

        array = numpy.asarray(values)
        if array.dtype.kind not in "iu":
            raise TypeError(f"{name} is an array of {array.dtype}, expected whole numbers")
        if array.dtype != numpy.int32 and array.size and (array.min() < -(2**31) or array.max() >= 2**31):
            raise ValueError(f"{name} holds a number that is no token id")
        array = numpy.ascontiguousarray(array, dtype=numpy.int32)
        pointer = array.ctypes.data_as(POINTER(c_int32))
        pointer._owner = array
        return pointer, array.size
    flat = []

    def flatten(part):
        if isinstance(part, int):
            if not -(2**31) <= part < 2**31:
                raise ValueError(f"{name} holds {part}, which is no token id")
            flat.append(part)
        else:
            for inner in part:
                flatten(inner)

    flatten(values)
    return (c_int32 * len(flat))(*flat), len(flat)


# Models -------------------------------------------------------------------------------------------------------------------------


def _compile_options(overrides, presets, vocabulary=0, decode_rows=0, cache=None):
    def strings(values, name):
        return (c_char_p * len(values))(*[_text(value, name) for value in values])

    if isinstance(overrides, dict):
        overrides = [f"{key}={value}" for key, value in overrides.items()]
    if isinstance(presets, str):
        presets = [presets]
    return _CompileOptions(overrides=strings(overrides, "an override"), override_count=len(overrides), presets=strings(presets, "a preset"),
                           preset_count=len(presets), vocabulary=vocabulary, decode_rows=decode_rows, cache_dir=_path(cache))


def compile(path=None, *, source=None, data=None, vocabulary=0, overrides=(), presets=(), decode_rows=1, cache=None):
    """Compiles a .moe file, or `source`, to a Model.

    data        a data folder or a Text: its vocabulary is the model's, and `Model.train` uses it
    vocabulary  the size of the vocabulary, instead of `data`
    overrides   `{"model.d": 64}` or `["model.d=64"]`: anything in the file, as `--set` of moec
    presets     names of presets in the file
    decode_rows rows of the program that gives logits
    cache       folder where compiled programs, and the ids of large texts, are kept

    A program that is wrong raises Error with the compiler's messages.
    """
    if (path is None) == (source is None):
        raise TypeError("compile() takes a path or source=")
    name = os.fspath(path) if path is not None else "<source>"
    if source is None:
        source = pathlib.Path(path).read_text(encoding="utf-8")
    file_name, program = os.fsencode(name), _text(source, "the source")
    options = _compile_options(overrides, presets, vocabulary, decode_rows, cache)
    if data is not None:
        text = data if isinstance(data, Text) else Text._load(file_name, program, options, data)
        options.vocabulary = text.vocabulary
    else:
        text = None
    handle, diagnostics = c_void_p(), c_void_p()
    status = _lib.moe_compile(file_name, program, byref(options), byref(handle), byref(diagnostics))
    error = _lib.moe_last_error().decode(errors="replace") if status else ""
    messages = _take_messages(diagnostics)
    if status:
        raise Error(error, status, messages)
    return Model(handle, text, messages)


class Model(_Owner):
    """A compiled program. Any number of sessions and trainers, on any number of threads, share it.

    `messages` are the compiler's warnings, `text` the data it was compiled for, if any.
    """

    _kind = "model"

    def __init__(self, handle, text, messages):
        super().__init__(handle)
        self.text, self.messages = text, messages

    @property
    def settings(self):
        """The `train` block and what the program was compiled for, as a dict."""
        settings = c_char_p()
        _check(_lib.moe_model_settings(self._handle, byref(settings)))
        return json.loads(settings.value)

    def bindings(self, program="train"):
        """What a program (train, update, eval, decode) reads and writes: `(kind, name, dtype, shape)` of each."""
        which, count, found = _index(PROGRAMS, program, "the program"), c_size_t(), []
        _check(_lib.moe_model_binding_count(self._handle, which, byref(count)))
        for i in range(count.value):
            raw = _Binding()
            _check(_lib.moe_model_binding(self._handle, which, i, byref(raw)))
            found.append((KINDS[raw.kind], raw.name.decode(), Tensor._TYPES[raw.dtype][2], tuple(raw.shape[d] for d in range(raw.rank))))
        return found

    @property
    def parameters(self):
        """The shapes of the parameters by name."""
        return {name: shape for kind, name, _, shape in self.bindings() if kind == "param"}

    def session(self, *, seed=None, threads=None):
        """Buffers for this model, driven by you: see Session."""
        options, handle = _SessionOptions(seed=-1 if seed is None else seed, threads=-1 if threads is None else threads), c_void_p()
        _check(_lib.moe_session_create(self._handle, byref(options), byref(handle)))
        return Session(handle, self)

    def train(self, *, data=None, train=None, valid=None, test=None, out=None, steps=None, seed=None, threads=None):
        """A Trainer. Over `data` (a Text), over ids of yours (`train` and `valid`, perhaps `test`), or over the text that the model was compiled for.

        out    folder for the run: description, metrics, checkpoints; without it nothing is written
        steps  instead of the file's
        """
        if train is not None:
            text = Text.from_ids(self.settings.get("vocabulary", 0), train, valid, test)
        else:
            text = data if data is not None else self.text
        if not isinstance(text, Text):
            raise TypeError("train() needs a text: compile the model with data=, or give data=Text or train= and valid= ids")
        options = _TrainerOptions(out=_path(out), data=_path(text.folder), steps=-1 if steps is None else steps,
                                  seed=-1 if seed is None else seed, threads=-1 if threads is None else threads)
        handle = c_void_p()
        _check(_lib.moe_trainer_create(self._handle, text._handle, byref(options), byref(handle)))
        return Trainer(handle)

    def __repr__(self):
        return f"Model({sum(_count(shape) for shape in self.parameters.values()):,} parameters)"


def _count(shape):
    count = 1
    for extent in shape:
        count *= extent
    return count


class Text(_Owner):
    """Token ids of three splits (train, valid, test) and their vocabulary."""

    _kind = "text"

    def __init__(self, handle, folder=None):
        super().__init__(handle)
        self.folder = folder

    @classmethod
    def _load(cls, file_name, program, options, folder):
        settings, diagnostics = c_void_p(), c_void_p()
        status = _lib.moe_read_settings(file_name, program, byref(options), byref(settings), byref(diagnostics))
        error = _lib.moe_last_error().decode(errors="replace") if status else ""
        messages = _take_messages(diagnostics)
        if status:
            raise Error(error, status, messages)
        try:
            handle = c_void_p()
            _check(_lib.moe_text_load(_path(folder), ctypes.cast(settings, c_char_p), options.cache_dir, byref(handle)))
        finally:
            _lib.moe_free(settings)
        return cls(handle, os.fspath(folder))

    @classmethod
    def from_ids(cls, vocabulary, train, valid=None, test=None):
        """A text of token ids (lists, or arrays of whole numbers), which are copied. They are 0 ... vocabulary - 1."""
        parts = [_as_ids(values, name) for values, name in ((train, "train"), (valid, "valid"), (test, "test"))]
        (a, na), (b, nb), (c, nc) = [(ctypes.cast(ids, POINTER(c_int32)) if ids is not None else None, count) for ids, count in parts]
        ids, handle = _Ids(vocabulary=vocabulary, train=a, train_count=na, valid=b, valid_count=nb, test=c, test_count=nc), c_void_p()
        _check(_lib.moe_text_from_ids(byref(ids), byref(handle)))
        return cls(handle)

    @property
    def vocabulary(self):
        """The size of the vocabulary."""
        size = c_int64()
        _check(_lib.moe_text_vocabulary(self._handle, byref(size)))
        return size.value

    def ids(self, split="train"):
        """The ids of a split, copied: a NumPy array where there is NumPy, else an array.array."""
        import array

        which, count = _index(SPLITS, split, "the split"), c_int64()
        _check(_lib.moe_text_count(self._handle, which, byref(count)))
        copied = array.array("i", bytes(4 * count.value))
        pointer = (c_int32 * count.value).from_buffer(copied) if count.value else None
        _check(_lib.moe_text_copy(self._handle, which, 0, count.value, pointer))
        try:
            import numpy
        except ImportError:
            return copied
        return numpy.frombuffer(copied, dtype=numpy.int32)

    def encode(self, words):
        """Words as a list of ids."""
        ids, count = c_void_p(), c_size_t()
        _check(_lib.moe_text_encode(self._handle, _text(words, "the text"), byref(ids), byref(count)))
        return _take_ids(ids, count)

    def decode(self, ids):
        """Ids as words."""
        pointer, count = _as_ids(ids, "ids")
        words = c_void_p()
        _check(_lib.moe_text_decode(self._handle, pointer, count, byref(words)))
        return _take_string(words)


def _take_string(pointer):
    try:
        return ctypes.cast(pointer, c_char_p).value.decode(errors="replace")
    finally:
        _lib.moe_free(pointer)


def _take_ids(pointer, count):
    try:
        return ctypes.cast(pointer, POINTER(c_int32))[: count.value] if count.value else []
    finally:
        _lib.moe_free(pointer)


class Session(_Owner):
    """A model with buffers of its own: you write ids, run and read tensors. One thread at a time uses a session; sessions run side by side.

    `session.tensor("train", "input", "tokens").numpy()[:] = ...` and `session.step()` is the same as `session.step(tokens, targets)`, without the copy.
    """

    _kind = "session"

    def __init__(self, handle, model):
        super().__init__(handle)
        self.model = model

    def tensor(self, program, kind, name):
        """Any tensor of a program, as a view. `Model.bindings` lists them."""
        place = _index(PROGRAMS, program, "the program"), _index(KINDS, kind, "the kind"), _text(name, "the name")
        return _make_tensor(self, _lib.moe_session_tensor, _lib.moe_session_dlpack, *place)

    def param(self, name):
        """A parameter."""
        return self.tensor("train", "param", name)

    def grad(self, name):
        """The gradient of a parameter, of the last step."""
        return self.tensor("train", "grad", name)

    @property
    def step_count(self):
        """Steps done."""
        step = c_int64()
        _check(_lib.moe_session_position(self._handle, byref(step)))
        return step.value

    def feed(self, program, tokens, targets=None):
        """Copies ids to the inputs of a program. An id outside the vocabulary raises Error and changes nothing."""
        (a, count), (b, of_targets) = _as_ids(tokens, "tokens"), _as_ids(targets, "targets")
        if b is not None and of_targets != count:
            raise ValueError(f"there are {count} tokens and {of_targets} targets")
        _check(_lib.moe_session_feed(self._handle, _index(PROGRAMS, program, "the program"), a, b, count))

    def step(self, tokens=None, targets=None):
        """One step of training, on these ids or on what is in the inputs. Gives the loss. A step that fails leaves nothing behind."""
        if tokens is not None:
            self.feed("train", tokens, targets)
        loss = c_double()
        _check(_lib.moe_session_step(self._handle, byref(loss)))
        return loss.value

    def micro_batch(self):
        """The next micro-batch of a step alone; after the last one comes `update`. Gives its loss."""
        loss = c_double()
        _check(_lib.moe_session_micro_batch(self._handle, byref(loss)))
        return loss.value

    def update(self):
        """The update after the last micro-batch."""
        _check(_lib.moe_session_update(self._handle))

    def evaluate(self, tokens=None, targets=None):
        """The loss of one block, without dropout."""
        if tokens is not None:
            self.feed("eval", tokens, targets)
        _check(_lib.moe_session_run(self._handle, PROGRAMS.index("eval")))
        return self.tensor("eval", "loss", "loss").item()

    def logits(self, tokens=None):
        """The logits of one block, [rows, context, vocabulary], as a view."""
        if tokens is not None:
            self.feed("decode", tokens)
        _check(_lib.moe_session_run(self._handle, PROGRAMS.index("decode")))
        return self.tensor("decode", "logits", "logits")

    def reset_streams(self, program="train"):
        """For a text that starts anew: forgets what a program carries from block to block."""
        _check(_lib.moe_session_reset_streams(self._handle, _index(PROGRAMS, program, "the program")))

    def save(self, path):
        """Writes a checkpoint (safetensors)."""
        _check(_lib.moe_session_save(self._handle, _path(path)))

    def load(self, path):
        """Takes up a checkpoint of a session, a trainer or a run."""
        _check(_lib.moe_session_load(self._handle, _path(path)))


# Training -----------------------------------------------------------------------------------------------------------------------


class _Record:
    _names = ()

    def __init__(self, raw):
        for name in self._names:
            setattr(self, name, getattr(raw, name))

    def __repr__(self):
        values = ((name, getattr(self, name)) for name in self._names)
        return f"{type(self).__name__}({', '.join(f'{name}={value:.6g}' for name, value in values if value is not None)})"


class Step(_Record):
    """What a step reported: `step` (from 1), `loss`, `perplexity`, `seconds`, `tokens_per_second`."""

    _names = ("step", "loss", "perplexity", "seconds", "tokens_per_second")


class Evaluation(_Record):
    """`loss` (nats), `perplexity`, `unigram_perplexity`, `bits_per_byte` (None for token ids), `unknown_share`, `tokens`, `blocks`, `seconds`."""

    _names = ("loss", "perplexity", "unigram_perplexity", "bits_per_byte", "unknown_share", "tokens", "blocks", "seconds")

    def __init__(self, raw):
        super().__init__(raw)
        self.bits_per_byte = raw.bits_per_byte or None


def _generate(function, handle, prompt, tokens, temperature, seed):
    options, words = _GenerateOptions(prompt=_text(prompt, "the prompt"), tokens=tokens, temperature=temperature, seed=seed), c_void_p()
    _check(function(handle, byref(options), byref(words), None, None))
    return _take_string(words)


class Trainer(_Owner):
    """Training over a text, with validations, metrics and checkpoints as the file says.

    Iterating does it step by step; Ctrl-C ends the loop after the step that runs, and the trainer can go on:

        for step in trainer:
            ...
        print(trainer.validation)

    At the end of the loop the last checkpoint is written and the validation text evaluated: `validation`.
    """

    _kind = "trainer"

    def __init__(self, handle):
        super().__init__(handle)
        self.validation = None
        self._finished = False

    def __iter__(self):
        return self

    def __next__(self):
        if self._finished:
            raise StopIteration
        raw = _Step()
        _check(_lib.moe_trainer_step(self._handle, byref(raw)))
        if raw.step:
            return Step(raw)
        self.finish()
        raise StopIteration

    def run(self, on_step=None):
        """All steps that are left; `on_step(step)` hears of each. Gives the validation at the end."""
        for step in self:
            if on_step:
                on_step(step)
        return self.validation

    def finish(self):
        """Ends training here: writes the last checkpoint and evaluates the validation text. The loop does it at its end."""
        if not self._finished:
            raw = _Evaluation()
            _check(_lib.moe_trainer_finish(self._handle, byref(raw)))
            self._finished = True
            self.validation = Evaluation(raw) if raw.blocks else None
        return self.validation

    def stop(self):
        """Makes the loop end after the step under way; from any thread."""
        _check(_lib.moe_trainer_stop(self._handle))

    @property
    def position(self):
        """`(done, all)` steps."""
        done, steps = c_int64(), c_int64()
        _check(_lib.moe_trainer_position(self._handle, byref(done), byref(steps)))
        return done.value, steps.value

    def values(self, kind, name):
        """What the last step reported under `metric`, `aux` or `probe`: a list of numbers."""
        values, count = POINTER(c_double)(), c_size_t()
        _check(_lib.moe_trainer_values(self._handle, _index(KINDS, kind, "the kind"), _text(name, "the name"), byref(values), byref(count)))
        return values[: count.value]

    def metric(self, name):
        """A number of the last update, as `lr` and `grad_norm`."""
        return self.values("metric", name)[0]

    def tensor(self, kind, name):
        """A parameter, state, gradient or optimiser state (`param`, `state`, `grad`, `opt`), as a view."""
        place = _index(KINDS, kind, "the kind"), _text(name, "the name")
        return _make_tensor(self, _lib.moe_trainer_tensor, _lib.moe_trainer_dlpack, *place)

    def save(self, path):
        """Writes a checkpoint (safetensors)."""
        _check(_lib.moe_trainer_save(self._handle, _path(path)))

    def restore(self, path):
        """Goes back, or on, to a checkpoint: the next step is the one after it, bit for bit."""
        _check(_lib.moe_trainer_restore(self._handle, _path(path)))

    def evaluate(self, split="valid", *, max_blocks=0):
        """The perplexity of a split."""
        raw = _Evaluation()
        _check(_lib.moe_trainer_evaluate(self._handle, _index(SPLITS, split, "the split"), max_blocks, byref(raw)))
        return Evaluation(raw)

    def generate(self, prompt="", *, tokens=100, temperature=1.0, seed=0):
        """What follows the prompt."""
        return _generate(_lib.moe_trainer_generate, self._handle, prompt, tokens, temperature, seed)


def resume(folder, *, data=None, steps=None, threads=None, cache=None):
    """A Trainer that goes on with a run, bit for bit as if it had not ended. `data` says where its text lies now, `steps` is the new total."""
    options = _TrainerOptions(data=_path(data), steps=-1 if steps is None else steps, seed=-1, threads=-1 if threads is None else threads)
    handle = c_void_p()
    _check(_lib.moe_trainer_resume(_path(folder), byref(options), _path(cache), byref(handle)))
    return Trainer(handle)


class Run(_Owner):
    """A trained model: the newest whole checkpoint of a run folder, with its vocabulary."""

    _kind = "run"

    def evaluate(self, data, split="test", *, max_blocks=0):
        """The perplexity of a split of a data folder."""
        raw = _Evaluation()
        _check(_lib.moe_run_evaluate(self._handle, _path(data), _index(SPLITS, split, "the split"), max_blocks, byref(raw)))
        return Evaluation(raw)

    def generate(self, prompt="", *, tokens=100, temperature=1.0, seed=0):
        """What follows the prompt."""
        return _generate(_lib.moe_run_generate, self._handle, prompt, tokens, temperature, seed)


def open_run(folder, *, threads=0, cache=None):
    """Opens a run folder: see Run."""
    handle = c_void_p()
    _check(_lib.moe_run_open(_path(folder), _path(cache), threads, byref(handle)))
    return Run(handle)
