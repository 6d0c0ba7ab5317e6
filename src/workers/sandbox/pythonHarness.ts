/**
 * The part of a sandboxed run that lives inside Python: what is removed before any of the reader's code runs, a
 * printer of values, an event loop in virtual time, the tracer, and `run` and `report`, which the machine calls.
 *
 * Its functions have a copy of the built-ins and hold what they use themselves, so that code which replaces
 * built-ins does not change what is reported. It is no border: that is what surrounds Python (see `sandboxPython`).
 */
export const PYTHON_HARNESS = String.raw`
globals()["__builtins__"] = dict(vars(__import__("builtins")))
import ast, asyncio, builtins, collections, decimal, enum, fractions, datetime, gc, inspect, math, os, random, re, \
    string, struct, sys, textwrap, time, types, typing, functools, itertools, operator, heapq, bisect, json, copy, \
    dataclasses, contextlib, statistics, uuid, pathlib
from _json import encode_basestring as quote

FILE = "selection.py"
MAX_TEXT = 2000
MAX_TRACED_VALUE = 200
MAX_TRACE_CHARACTERS = 2_000_000

# ---- what the sandbox does not have ------------------------------------------------------------------------------

DENIED = {
    "js", "pyodide", "pyodide_js", "_pyodide", "_pyodide_core", "ctypes", "_ctypes", "_posixsubprocess",
    "_remote_debugging", "_testbuffer", "_testcapi", "_testinternalcapi", "_testlimitedcapi", "_testclinic",
    "_testclinic_limited", "_xxtestfuzz", "faulthandler", "mmap", "fcntl", "termios", "webbrowser", "micropip",
}

class Denied:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.partition(".")[0] in DENIED:
            raise ModuleNotFoundError(f"No module named {name!r} in the sandbox", name=name)
        return None

def lock():
    for name in list(sys.modules):
        if name.partition(".")[0] in DENIED:
            module = sys.modules.pop(name)
            if isinstance(module, types.ModuleType) and name != "_pyodide_core":
                vars(module).clear()
    for each in gc.get_objects():
        if type(each).__name__ in ("JsLoader", "JsFinder"):
            vars(each).clear()
        elif type(each) is dict:
            for key in [key for key, value in each.items() if type(type(value)).__name__ == "_JsProxyMetaClass"]:
                del each[key]
    sys.meta_path[:] = [Denied] + [each for each in sys.meta_path if getattr(each, "__module__", "") in ("_frozen_importlib", "_frozen_importlib_external")]
    sys.path_hooks[:] = [each for each in sys.path_hooks if "pyodide" not in getattr(each, "__module__", "")]
    asyncio.events._set_event_loop_policy(Policy())
    asyncio.events._set_running_loop(None)
    asyncio.run = asyncio.runners.run
    # Time passes without waiting.
    time.sleep = lambda seconds: None
    os.environ.clear()
    sys.argv[:] = [""]
    sys.stdin = None
    sys.breakpointhook = lambda *args, **kwargs: None
    gc.collect()

class Selector:
    """Stands in for the waiting of an event loop: the clock jumps to the next timer."""
    def __init__(self, loop):
        self.loop = loop
    def select(self, timeout):
        if timeout is None:
            raise NeverSettles
        self.loop.now += timeout
        return []

class NeverSettles(BaseException):
    pass

class VirtualLoop(asyncio.BaseEventLoop):
    def __init__(self):
        super().__init__()
        self.now = 0.0
        self._selector = Selector(self)
    def time(self):
        return self.now
    def _process_events(self, events):
        pass
    def _write_to_self(self):
        pass

class Policy(asyncio.events._AbstractEventLoopPolicy):
    def __init__(self):
        self.loop = None
    def get_event_loop(self):
        if self.loop is None:
            self.loop = VirtualLoop()
        return self.loop
    def set_event_loop(self, loop):
        self.loop = loop
    def new_event_loop(self):
        return VirtualLoop()

# ---- values as text ----------------------------------------------------------------------------------------------

mro_of = type.__dict__["__mro__"].__get__
dict_of = type.__dict__["__dict__"].__get__
name_of = type.__dict__["__name__"].__get__
SAFE = {
    bool, type(None), type(...), type(NotImplemented), complex, float, range, slice, datetime.datetime, datetime.date,
    datetime.time, datetime.timedelta, datetime.timezone, decimal.Decimal, fractions.Fraction, uuid.UUID, re.Pattern,
    pathlib.PurePosixPath, pathlib.PosixPath, types.ModuleType,
}
GENERATORS = {types.GeneratorType: "generator", types.CoroutineType: "coroutine", types.AsyncGeneratorType: "async generator"}
FUNCTIONS = {types.FunctionType, types.BuiltinFunctionType, types.MethodType}

def has_own_repr(kind):
    for each in mro_of(kind):
        if "__repr__" in dict_of(each):
            return each is not object
    return False

class Printer:
    """Prints a value as repr does, within a length. A passive one runs none of the code's own."""
    def __init__(self, limit, passive):
        self.left = limit
        self.limit = limit
        self.passive = passive
        self.above = set()

    def cut(self, text):
        if len(text) > self.left:
            text = text[:max(0, self.left)] + "…"
        self.left -= len(text)
        return text

    def all(self, before, entries, total, after):
        out = self.cut(before)
        for number, entry in enumerate(entries):
            if self.left <= 0 or number >= 100:
                more = "…" if self.left <= 0 else f"… {total - number} more"
                return out + (", " if number else "") + more + after
            out += (", " if number else "") + entry()
        return out + after

    def items(self, before, values, depth, after):
        return self.all(before, (functools.partial(self.one, each, depth + 1) for each in values), len(values), after)

    def pairs(self, before, values, depth, after):
        def pair(key, value):
            return self.one(key, depth + 1) + ": " + self.one(value, depth + 1)
        return self.all(before, (functools.partial(pair, key, value) for key, value in dict.items(values)), dict.__len__(values), after)

    def fields(self, before, values, depth, after):
        def field(key, value):
            return self.cut(str.__str__(key)) + "=" + self.one(value, depth + 1)
        return self.all(before, (functools.partial(field, key, value) for key, value in values.items()), len(values), after)

    def one(self, value, depth=0):
        kind = type(value)
        if kind is str:
            return self.cut(repr(value[:self.left + 1]))
        if kind is int:
            if value.bit_length() > 14_000:
                return self.cut(f"<int of about {int(value.bit_length() * 0.30103) + 1} digits>")
            return self.cut(int.__repr__(value))
        if kind is bytes or kind is bytearray:
            return self.cut(repr(value[:self.left + 1]))
        if kind in SAFE:
            return self.cut(repr(value))
        if kind in FUNCTIONS:
            return self.cut(f"<function {getattr(value, '__name__', '')}>")
        if kind in GENERATORS:
            return self.generator(value, depth) if kind is types.GeneratorType and not self.passive else self.cut(f"<{GENERATORS[kind]}>")
        if issubclass(kind, type):
            return self.cut(f"<class '{name_of(value)}'>" if type(value) is type or self.passive else repr(value))
        if id(value) in self.above:
            return self.cut("[...]" if kind is list else "{...}" if kind is dict else "...")
        self.above.add(id(value))
        try:
            return self.compound(value, kind, depth)
        finally:
            self.above.discard(id(value))

    def compound(self, value, kind, depth):
        if not self.passive and self.own_repr(value, kind):
            return self.cut(repr(value))
        if issubclass(kind, BaseException):
            return self.cut(BaseException.__repr__(value))
        if issubclass(kind, enum.Enum):
            return self.cut(f"{name_of(kind)}.{object.__getattribute__(value, '__dict__').get('_name_')}")
        if depth > 5:
            return self.cut("[...]" if kind is list else "...")
        name = name_of(kind)
        if issubclass(kind, list):
            return self.items("[", list.__getitem__(value, slice(None, 101)), depth, "]") if kind is list and list.__len__(value) <= 101 else self.long(value, kind, list, depth)
        if issubclass(kind, tuple):
            fields = dict_of(kind).get("_fields")
            if fields:
                return self.fields(name + "(", dict(zip(fields, tuple.__iter__(value))), depth, ")")
            if kind is tuple and tuple.__len__(value) == 1:
                return self.items("(", [tuple.__getitem__(value, 0)], depth, ",)")
            return self.long(value, kind, tuple, depth)
        if issubclass(kind, dict):
            if kind is dict:
                return self.pairs("{", value, depth, "}")
            return self.pairs(name + "({", value, depth, "})")
        if issubclass(kind, (set, frozenset)):
            base = set if issubclass(kind, set) else frozenset
            if base.__len__(value) == 0:
                return self.cut(name + "()")
            return self.long(value, kind, base, depth)
        if issubclass(kind, collections.deque):
            return self.long(value, kind, collections.deque, depth)
        for base in (int, float, str, bytes, complex):
            if issubclass(kind, base):
                return self.cut(f"{name}({base.__repr__(value)[:self.limit]})")
        attributes = self.attributes(value, kind)
        if attributes:
            return self.fields(name + "(", attributes, depth, ")")
        return self.cut(f"<{name}>")

    def own_repr(self, value, kind):
        return has_own_repr(kind) and not issubclass(kind, (list, tuple, dict, set, frozenset, collections.deque)) or any(
            "__repr__" in dict_of(each) and type(dict_of(each)["__repr__"]) is types.FunctionType for each in mro_of(kind)
        ) and not dict_of(kind).get("_fields")

    def long(self, value, kind, base, depth):
        before, after = {list: "[]", tuple: "()", set: "{}", frozenset: ("{", "}"), collections.deque: "[]"}[base]
        if kind is not base or base in (frozenset, collections.deque):
            before, after = name_of(kind) + "(" + before, after + ")"
        entries = (functools.partial(self.one, each, depth + 1) for each in itertools.islice(base.__iter__(value), 101))
        return self.all(before, entries, base.__len__(value), after)

    def attributes(self, value, kind):
        found = {}
        try:
            found.update(object.__getattribute__(value, "__dict__"))
        except AttributeError:
            pass
        for each in mro_of(kind):
            for name, member in dict_of(each).items():
                if type(member) is types.MemberDescriptorType and name not in found:
                    try:
                        found[name] = member.__get__(value)
                    except AttributeError:
                        pass
        return found

    def generator(self, value, depth):
        out = self.cut("<generator> yields ")
        for number in range(20):
            if self.left <= 0:
                return out + "…"
            try:
                entry = next(value)
            except StopIteration as end:
                rest = "" if end.value is None else ", returns " + self.one(end.value, depth + 1)
                return out + ("nothing" if number == 0 else "") + rest
            out += (", " if number else "") + self.one(entry, depth + 1)
        return out + ", …"

def show(value, limit, passive):
    try:
        text = Printer(limit, passive).one(value)
    except (MemoryError, KeyboardInterrupt):
        raise
    except BaseException:
        text = f"<{name_of(type(value))} that cannot be shown>"
    return text if len(text) <= limit + 1 else text[:limit] + "…"

def error_text(error):
    kind = type(error)
    try:
        text = str(error)
    except BaseException:
        text = ""
    if type(text) is not str:
        text = ""
    if kind is KeyError and type(error) is KeyError and len(error.args) == 1:
        text = show(error.args[0], MAX_TEXT, True)
    name = name_of(kind)
    full = f"{name}: {text}" if text else name
    return full if len(full) <= MAX_TEXT else full[:MAX_TEXT] + "…"

# ---- what is printed ---------------------------------------------------------------------------------------------

class Printed:
    encoding = "utf-8"
    errors = "strict"
    def __init__(self):
        self.parts = []
        self.length = 0
        # The same in UTF-16 units, in which the film counts.
        self.units = 0
    def write(self, text):
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {name_of(type(text))}")
        if self.length <= MAX_TEXT:
            kept = str.__getitem__(text, slice(None, MAX_TEXT + 1))
            self.parts.append(kept)
            self.length += len(kept)
            self.units += len(kept) + sum(each > "\uffff" for each in kept)
        return str.__len__(text)
    def writelines(self, lines):
        for line in lines:
            self.write(line)
    def flush(self):
        pass
    def isatty(self):
        return False
    def writable(self):
        return True
    def readable(self):
        return False
    def fileno(self):
        raise OSError("The sandbox has no files.")

# ---- names that were imported and are not here -------------------------------------------------------------------

class Absent:
    """Stands for what a selection imports and the sandbox does not have: using it says so, naming it does not."""
    def __init__(self, name):
        object.__setattr__(self, "_name", name)
    def __getattr__(self, name):
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return Absent(f"{object.__getattribute__(self, '_name')}.{name}")
    def __call__(self, *args, **kwargs):
        # As a decorator it leaves what it decorates as it is.
        if len(args) == 1 and not kwargs and type(args[0]) is types.FunctionType:
            return args[0]
        raise ModuleNotFoundError(f"{object.__getattribute__(self, '_name')} was imported, and the sandbox has only Python's own modules")
    def __mro_entries__(self, bases):
        return ()
    def __getitem__(self, item):
        return self
    def __or__(self, other):
        return self
    __ror__ = __or__

def with_absent(tree):
    """Lets the imports at the top of a selection fail without ending it."""
    body = []
    for node in tree.body:
        if isinstance(node, (ast.Import, ast.ImportFrom)) and getattr(node, "module", "") != "__future__" and not any(each.name == "*" for each in node.names):
            origin = ("." * node.level + (node.module or "") + ".") if isinstance(node, ast.ImportFrom) else ""
            fallback = []
            for each in node.names:
                bound = each.asname or each.name.partition(".")[0]
                value = ast.Call(ast.Name("<absent>", ast.Load()), [ast.Constant(origin + each.name)], [])
                fallback.append(ast.Assign([ast.Name(bound, ast.Store())], value))
            handler = ast.ExceptHandler(ast.Name("<ImportError>", ast.Load()), None, fallback)
            guarded = ast.Try([node], [handler], [], [])
            for each in ast.walk(guarded):
                if each is not node and not hasattr(each, "lineno"):
                    ast.copy_location(each, node)
            body.append(ast.fix_missing_locations(guarded))
        else:
            body.append(node)
    tree.body = body
    return tree

# ---- the tracer --------------------------------------------------------------------------------------------------

class Tracer:
    def __init__(self, max_steps, namespace, spent):
        self.max_steps = max_steps
        self.namespace = namespace
        self.spent = spent
        self.total = 0.0
        self.characters = 0
        self.steps = []
        self.truncated = False
        self.lines = 0
        self.depths = {}
        self.last = {}
        self.raised = set()

    def start(self):
        sys.settrace(self.call)

    def count(self, frame, event, argument):
        """Takes the place of the recording when that is full."""
        if event == "line":
            self.lines += 1
        return self.count

    def call(self, frame, event, argument):
        if frame.f_code.co_filename != FILE or frame.f_code.co_name == "<module>":
            return None
        if self.truncated:
            return self.count
        if frame not in self.depths:
            outer = frame.f_back
            while outer is not None and outer not in self.depths:
                outer = outer.f_back
            self.depths[frame] = self.depths[outer] + 1 if outer is not None else 0
            self.last[frame] = {}
        return self.local

    def local(self, frame, event, argument):
        if self.truncated:
            return self.count(frame, event, argument)
        started = time.perf_counter()
        try:
            if event == "line":
                self.lines += 1
                self.raised.discard(frame)
                self.step("line", frame, None)
            elif event == "exception":
                if argument[0] not in (StopIteration, StopAsyncIteration, GeneratorExit):
                    self.raised.add(frame)
                    error = argument[1]
                    self.step("throw", frame, error_text(error) if isinstance(error, BaseException) else "")
            elif event == "return":
                if frame.f_lasti >= 0 and frame.f_code.co_code[frame.f_lasti] in PAUSES:
                    return self.local
                if frame not in self.raised:
                    self.step("return", frame, show(argument, MAX_TRACED_VALUE, True))
                self.depths.pop(frame, None)
                self.last.pop(frame, None)
                self.raised.discard(frame)
        except BaseException as error:
            self.truncated = True
            if isinstance(error, (MemoryError, KeyboardInterrupt)):
                raise
        finally:
            self.total += time.perf_counter() - started
            struct.pack_into("<d", self.spent, 0, self.total * 1000)
        return self.local

    def step(self, kind, frame, value):
        if len(self.steps) >= self.max_steps or self.characters > MAX_TRACE_CHARACTERS:
            self.truncated = True
            return
        last = self.last.get(frame, {})
        texts = []
        for name, held in self.variables(frame):
            text = show(held, MAX_TRACED_VALUE, True)
            changed = "false" if last.get(name) == text else "true"
            last[name] = text
            texts.append('{"name":' + quote(name) + ',"value":' + quote(text) + ',"changed":' + changed + "}")
        step = (
            '{"line":' + str(frame.f_lineno - 1) + ',"kind":"' + kind + '","depth":' + str(self.depths.get(frame, 0))
            + ',"functionName":' + quote(frame.f_code.co_name) + ',"variables":[' + ",".join(texts)
            + '],"printed":' + str(result.printed.units)
            + ("" if value is None else ',"value":' + quote(value)) + "}"
        )
        self.characters += len(step)
        self.steps.append(step)

    def variables(self, frame):
        code = frame.f_code
        held = frame.f_locals
        count = code.co_argcount + code.co_kwonlyargcount + bool(code.co_flags & 4) + bool(code.co_flags & 8)
        shown = 0
        parameters = code.co_varnames[:count]
        for name in (*parameters, *(each for each in held if each not in parameters)):
            if name in held and shown < 40 and not name.startswith("."):
                value = held[name]
                if name in parameters or type(value) not in HIDDEN:
                    shown += 1
                    yield name, value
        for name in code.co_names:
            if name in self.namespace and name not in held and shown < 40:
                value = self.namespace[name]
                if type(value) not in HIDDEN and not isinstance(value, type) and type(value) is not Absent:
                    shown += 1
                    yield name, value

HIDDEN = {types.FunctionType, types.BuiltinFunctionType, types.ModuleType, type, types.MethodType}
import opcode as opcodes
PAUSES = {opcodes.opmap[name] for name in ("YIELD_VALUE",) if name in opcodes.opmap}

# ---- runs --------------------------------------------------------------------------------------------------------

class Ended(BaseException):
    def __init__(self, outcome, value):
        self.outcome = outcome
        self.value = value

class Result:
    outcome = "threw"
    value = ""
    error = None
    ms = 0.0
    started = 0.0
    printed = None
    tracer = None

result = Result()
spent = bytearray(8)

def settle(value):
    if type(value) is types.CoroutineType or inspect.isawaitable(value):
        loop = VirtualLoop()
        asyncio.events._get_event_loop_policy().set_event_loop(loop)
        return loop.run_until_complete(value)
    return value

def parsed(text):
    try:
        return ast.parse(text, FILE)
    except IndentationError:
        return ast.parse(textwrap.dedent(text), FILE)

def run(kind, text, function_name, argument_list, max_steps):
    try:
        run_inside(kind, text, function_name, argument_list, max_steps)
    except Ended as end:
        result.outcome, result.value = end.outcome, end.value
    except NeverSettles:
        result.outcome, result.value = "timed-out", "The coroutine never ends: nothing is left that could wake it."
    except BaseException as error:
        result.error = error
    finally:
        sys.settrace(None)
        if result.started and not result.ms:
            result.ms = (time.perf_counter() - result.started) * 1000

def run_inside(kind, text, function_name, argument_list, max_steps):
    sys.stdout = sys.stderr = result.printed = Printed()
    random.seed()
    main = types.ModuleType("__main__")
    sys.modules["__main__"] = main
    namespace = vars(main)
    namespace["__builtins__"] = builtins
    namespace["<absent>"], namespace["<ImportError>"] = Absent, ImportError
    tree = with_absent(parsed(text))
    if kind == "code":
        if tree.body and isinstance(tree.body[-1], ast.Expr):
            last = tree.body[-1]
            tree.body[-1] = ast.copy_location(ast.Assign([ast.copy_location(ast.Name("<value>", ast.Store()), last)], last.value), last)
        code = compile(tree, FILE, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
        result.started = time.perf_counter()
        settle(eval(code, namespace))
        value = settle(namespace.get("<value>"))
    else:
        exec(compile(tree, FILE, "exec", dont_inherit=True), namespace)
        args, kwargs = arguments(argument_list, namespace)
        if function_name not in namespace:
            raise Ended("threw", f"NameError: name '{function_name}' is not defined")
        callee = namespace[function_name]
        if not callable(callee):
            raise Ended("threw", f"TypeError: {function_name} is not a function")
        if kind == "trace":
            result.tracer = Tracer(max_steps, namespace, spent)
        result.started = time.perf_counter()
        if result.tracer:
            result.tracer.start()
        value = settle(callee(*args, **kwargs))
    result.ms = (time.perf_counter() - result.started) * 1000
    result.value = show(value, MAX_TEXT, False)
    result.outcome = "returned"

def arguments(text, namespace):
    try:
        tree = ast.parse(f"f({text}\n)", "input", "eval")
        if not isinstance(tree.body, ast.Call) or not isinstance(tree.body.func, ast.Name):
            raise SyntaxError("this is not a list of arguments")
        tree.body.func.id = "<arguments>"
        namespace["<arguments>"] = lambda *args, **kwargs: (args, kwargs)
        return eval(compile(tree, "input", "eval", dont_inherit=True), namespace)
    except (MemoryError, KeyboardInterrupt):
        raise
    except BaseException as error:
        raise Ended("invalid-input", error_text(error)) from None

def report():
    error = result.error
    if isinstance(error, MemoryError):
        result.outcome, result.value = "out-of-memory", ""
    elif error is not None:
        result.outcome, result.value = "threw", error_text(error)
    printed = "".join(result.printed.parts) if result.printed else ""
    if len(printed) > MAX_TEXT:
        printed = printed[:MAX_TEXT] + "…"
    tracer = result.tracer
    return (
        '{"outcome":' + quote(result.outcome) + ',"value":' + quote(result.value) + ',"printed":' + quote(printed)
        + ',"ms":' + repr(max(0.0, result.ms - (tracer.total * 1000 if tracer else 0))) + ',"steps":[' + (",".join(tracer.steps) if tracer else "")
        + '],"truncated":' + ("true" if tracer and tracer.truncated else "false")
        + (',"lineCount":' + str(tracer.lines) if tracer else "") + "}"
    )
`;
