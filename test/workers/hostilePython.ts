/** Programs in Python that mean harm, and how each must end. */

import type { Hostile, Outcome } from "./hostileJavaScript.js";

/** @param body what `f` does, or, where it defines `f` itself, the whole source. */
const program = (what: string, body: string, outcomes: Outcome[], value?: RegExp): Hostile => ({
  what,
  source: /^(?:async )?def f\b/m.test(body)
    ? body
    : `def f():\n${body
        .split("\n")
        .map((line) => `    ${line}`)
        .join("\n")}`,
  outcomes,
  languageId: "python",
  ...(value ? { value } : {}),
});

/** Fetches a module by a back door, and says what became of it. */
const importing = (name: string) =>
  `try:\n    m = __import__("${name}")\nexcept ImportError as e:\n    return "gone"\nreturn m`;

export const HOSTILE_PYTHON: Hostile[] = [
  program("an endless loop", "while True: pass", ["timed-out"]),
  program("an endless loop before the function", "while True: pass\ndef f(): pass", ["timed-out"]),
  program(
    "an endless loop that catches",
    "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
    ["timed-out"],
  ),
  program("an endless loop in finally", "try:\n    while True: pass\nfinally:\n    while True: pass", [
    "timed-out",
  ]),
  program(
    "interrupts that are ignored",
    "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass",
    ["timed-out"],
  ),
  program(
    "interrupts that are handled",
    "import signal\nsignal.signal(signal.SIGINT, lambda *a: None)\nwhile True: pass",
    ["timed-out"],
  ),
  program(
    "a context that swallows",
    "import contextlib\nwhile True:\n    with contextlib.suppress(BaseException):\n        while True: pass",
    ["timed-out"],
  ),
  program("a generator without end", "def f():\n    while True: yield 1", ["returned"], /yields 1, 1.*…/),
  program("a generator that hangs while it is shown", "def f():\n    while True: pass\n    yield 1", [
    "timed-out",
  ]),
  program("a list without end", "import itertools\nreturn list(itertools.count())", [
    "out-of-memory",
    "timed-out",
  ]),
  program("a sum without end, inside of C", "return sum(range(10 ** 12))", ["timed-out"]),
  program(
    "an await without end",
    "async def f():\n    import asyncio\n    await asyncio.Future()",
    ["timed-out"],
    /never ends/,
  ),
  program("tasks without end", "async def f():\n    import asyncio\n    while True: await asyncio.sleep(0)", [
    "timed-out",
  ]),
  program(
    "a coroutine that waits for itself",
    "async def f():\n    import asyncio\n    t = asyncio.ensure_future(asyncio.sleep(1))\n    async def g(): await h\n    h = asyncio.ensure_future(g())\n    await h",
    ["threw", "timed-out"],
  ),
  program("sleeping for a year", "import time\ntime.sleep(3e7)\nreturn 1", ["returned"], /^1$/),
  program("deep recursion", "def f(n=0): return f(n + 1)", ["threw"], /RecursionError/),
  program(
    "deep recursion without a limit",
    "import sys\nsys.setrecursionlimit(10 ** 9)\ndef f(n=0): return f(n + 1)",
    ["threw", "out-of-memory"],
  ),
  program(
    "deep recursion through C",
    "class A:\n    def __getattr__(self, n): return getattr(self, n + 'x')\ndef f(): return A().x",
    ["threw"],
  ),
  program(
    "deep recursion through repr",
    "class A:\n    def __repr__(self): return repr(self)\ndef f(): return A()",
    ["returned", "threw"],
  ),
  program(
    "deep recursion in sort",
    "class A:\n    def __lt__(self, o): return sorted([A(), A()])\ndef f(): return sorted([A(), A()])",
    ["threw"],
  ),
  program("a deeply nested source", `def f(): return ${"(".repeat(5000)}1${")".repeat(5000)}`, [
    "threw",
    "returned",
  ]),
  program("a deeply nested result", "a = []\nfor _ in range(100000): a = [a]\nreturn a", [
    "returned",
    "threw",
  ]),
  program("a deep literal evaluated", "import ast\nreturn ast.literal_eval('[' * 100000)", [
    "threw",
    "out-of-memory",
  ]),
  program("a memory bomb of lists", "a = []\nwhile True: a.append([0] * 1000)", ["out-of-memory"]),
  program("a memory bomb of text", "s = 'x' * 1000\nwhile True: s += s", ["out-of-memory"]),
  program("a memory bomb in one go", "return bytearray(2 ** 31 - 1)", ["out-of-memory"]),
  program(
    "a memory bomb that is caught",
    "a = []\nwhile True:\n    try:\n        while True: a.append('x' * 100000)\n    except MemoryError: pass",
    ["timed-out", "out-of-memory"],
  ),
  program("a memory bomb of integers", "n = 3\nwhile True: n *= n", ["timed-out", "out-of-memory"]),
  program("a huge power", "return 7 ** (10 ** 8)", ["timed-out", "out-of-memory"]),
  program("a huge shift", "return 1 << (2 ** 40)", ["threw", "out-of-memory"]),
  program("a huge integer as text", "return str(10 ** 5000)", ["threw"], /ValueError/),
  program("a huge integer", "return 10 ** 5000", ["returned"], /digits/),
  program("a huge format", "return '%*d' % (2 ** 30, 1)", ["out-of-memory", "threw"]),
  program("a catastrophic pattern", "import re\nreturn re.match(r'(a+)+$', 'a' * 40 + '!')", ["timed-out"]),
  program(
    "a zip bomb",
    "import zlib\nd = zlib.compress(b'0' * (2 ** 22))\nreturn zlib.decompress(zlib.compress(d) and d * 1, bufsize=2 ** 30)",
    ["out-of-memory", "returned", "threw"],
  ),
  // Breaking them off frees them one inside the other, which may be deeper than the stack.
  program("objects without end", "a = None\nwhile True: a = (a, object())", [
    "out-of-memory",
    "timed-out",
    "threw",
  ]),
  program("a dictionary without end", "d = {}\nwhile True: d[len(d)] = str(len(d))", [
    "out-of-memory",
    "timed-out",
  ]),
  program("huge output", "while True: print('x' * 100000)", ["timed-out", "out-of-memory"]),
  program("output past ours", "import sys\nsys.__stdout__.write('pwned' * 1000)\nreturn 1", [
    "returned",
    "threw",
  ]),
  program(
    "a repr that hangs",
    "class A:\n    def __repr__(self):\n        while True: pass\ndef f(): return A()",
    ["timed-out"],
  ),
  program(
    "a repr that lies about its type",
    "class S(str): pass\nclass A:\n    def __repr__(self): return S('x' * 10 ** 6)\ndef f(): return A()",
    ["returned"],
  ),
  program(
    "an error whose text hangs",
    "class E(Exception):\n    def __str__(self):\n        while True: pass\ndef f(): raise E()",
    ["timed-out", "threw"],
  ),
  program("an error with a huge text", "raise ValueError('x' * 10 ** 6)", ["threw"], /^ValueError: x+…$/),
  program("an error that is its own cause", "e = ValueError('x')\ne.__cause__ = e\nraise e", ["threw"]),
  program("a class without a name", "A = type('A' * 10 ** 5, (), {})\nreturn A()", ["returned"]),
  program(
    "a metaclass that hangs",
    "class M(type):\n    def __getattribute__(c, n):\n        while True: pass\nclass A(metaclass=M): pass\ndef f(): return A()",
    ["returned", "timed-out", "threw"],
  ),
  program(
    "a hash that hangs",
    "class A:\n    def __hash__(self):\n        while True: pass\ndef f(): return {A()}",
    ["timed-out"],
  ),
  program(
    "a destructor that hangs",
    "class A:\n    def __del__(self):\n        while True: pass\ndef f():\n    A()\n    return 1",
    ["timed-out"],
  ),
  program(
    "replaced built-ins",
    "import builtins\nfor n in dir(builtins):\n    if not n.startswith('__') and n != 'BaseException':\n        setattr(builtins, n, None)\nreturn [1, 'a']",
    ["returned", "threw"],
  ),
  program(
    "a replaced print and repr",
    "import builtins\nbuiltins.repr = builtins.str = builtins.len = lambda *a: 'pwned'\nreturn [1, 'a']",
    ["returned"],
    /^\[1, 'a'\]$/,
  ),
  program("replaced modules", "import sys\nfor n in list(sys.modules): sys.modules[n] = None\nreturn 1", [
    "returned",
    "threw",
  ]),
  program(
    "a trace function that hangs",
    "import sys\ndef t(*a):\n    while True: pass\ndef f():\n    sys.settrace(t)\n    g()\ndef g(): return 1",
    ["timed-out"],
  ),
  program("a profiler that hangs", "import sys\nsys.setprofile(lambda *a: f())\nreturn len([])", [
    "threw",
    "timed-out",
    "returned",
  ]),
  program(
    "a trace of our own frames",
    "import sys\nframe = sys._getframe()\nwhile frame.f_back: frame = frame.f_back\nframe.f_globals.clear()\nreturn 1",
    ["threw", "returned"],
  ),
  program(
    "a broken report",
    "import sys\nframe = sys._getframe()\nwhile frame:\n    if 'report' in frame.f_globals: frame.f_globals['report'] = lambda: '{\"outcome\": \"returned\", \"steps\": 3}'\n    frame = frame.f_back\nreturn 1",
    ["threw"],
    /broke what reports/,
  ),
  program(
    "a report that hangs",
    "import sys\nframe = sys._getframe()\ndef hang():\n    while True: pass\nwhile frame:\n    if 'report' in frame.f_globals: frame.f_globals['report'] = hang\n    frame = frame.f_back\nreturn 1",
    ["threw", "timed-out"],
  ),
  program(
    "no code at all",
    "import types\nf2 = f.__code__.replace(co_code=b'\\xff\\xff' * 50)\nreturn types.FunctionType(f2, {})()",
    ["threw", "returned", "timed-out", "out-of-memory"],
  ),
  program("marshalled nonsense", "import marshal\nreturn marshal.loads(b'\\xe3' + bytes(range(256)))", [
    "threw",
    "out-of-memory",
  ]),
  program(
    "a pickle that runs",
    'import pickle\nclass P:\n    def __reduce__(self): return (eval, (\'__import__("os").system("touch CANARY")\',))\ndef f(): return pickle.loads(pickle.dumps(P()))',
    ["threw", "returned", "timed-out"],
  ),
  program("a crash through faulthandler", importing("faulthandler"), ["returned"], /gone/),
  program("a crash through ctypes", importing("ctypes"), ["returned"], /gone/),
  program(
    "ctypes as it is built in",
    "import importlib.machinery as m, _imp\ntry:\n    s = m.ModuleSpec('_ctypes', m.BuiltinImporter)\n    return _imp.create_builtin(s)\nexcept ImportError: return 'gone'",
    ["returned"],
    /gone|None/,
  ),
  program("JavaScript through js", importing("js"), ["returned"], /gone/),
  program(
    "JavaScript through pyodide",
    "try:\n    from pyodide.code import run_js\n    return run_js('process')\nexcept ImportError: return 'gone'",
    ["returned"],
    /gone/,
  ),
  program(
    "JavaScript through the core of pyodide",
    "import _imp, importlib.machinery as m, sys\nsys.meta_path.clear()\ntry: return _imp.create_builtin(m.ModuleSpec('_pyodide_core', m.BuiltinImporter)).run_js\nexcept (ImportError, AttributeError): return 'gone'",
    ["returned"],
    /gone/,
  ),
  program(
    "JavaScript through loaders that are left",
    "import sys, importlib\nsys.meta_path[:] = sys.meta_path[1:]\ntry:\n    m = importlib.import_module('pyodide_js')\n    return str(m)\nexcept ImportError: return 'gone'",
    ["returned"],
    /gone/,
  ),
  program(
    "JavaScript through the garbage",
    "import gc\nseen = gc.get_objects()\nseen += gc.get_referents(*seen)\nfor o in seen:\n    if 'JsProxy' in type(type(o)).__name__:\n        try: return o.constructor.constructor('return process')().env.GLASSBOX_CANARY\n        except Exception: pass\nreturn 'gone'",
    ["returned", "threw"],
    /gone|Error/,
  ),
  program(
    "JavaScript through a converter",
    "import gc\nfor o in gc.get_objects():\n    if type(o).__name__ in ('JsLoader', 'JsFinder'):\n        for m in vars(o).values():\n            try: return str(m._api.config.env)\n            except Exception: pass\nreturn 'gone'",
    ["returned"],
    /gone/,
  ),
  program(
    "os through subclasses",
    "for c in ().__class__.__base__.__subclasses__():\n    if c.__name__ == '_wrap_close':\n        return c.__init__.__globals__['system']('touch CANARY')\nreturn 'gone'",
    ["returned", "threw"],
    /gone|-?\d+|Error/,
  ),
  program("another process", "import subprocess\nreturn subprocess.run(['touch', 'CANARY'])", [
    "threw",
    "timed-out",
  ]),
  program("a shell", "import os\nreturn os.system('touch CANARY')", ["threw", "returned"], /-?\d+|Error/),
  program("a fork", "import os\nreturn os.fork()", ["threw"]),
  program("ending the process", "import os\nos._exit(0)", ["threw"], /SystemExit/),
  program("aborting the process", "import os\nos.abort()", ["threw"]),
  program("killing the process", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\nreturn 1", [
    "threw",
    "returned",
    "timed-out",
  ]),
  program("leaving by sys.exit", "import sys\nsys.exit('bye')", ["threw"], /SystemExit/),
  program("a thread", "import threading\nt = threading.Thread(target=print)\nt.start()", [
    "threw",
    "timed-out",
  ]),
  program("reading a file of the host", "return open('CANARY').read()", ["threw"], /FileNotFoundError/),
  program("writing a file of the host", "open('CANARY', 'w').write('pwned')", ["threw"]),
  program(
    "listing the host",
    "import os\nreturn [os.path.exists(p) for p in ('CANARY', '/etc/passwd', '/bin', '/usr')]",
    ["returned"],
    /^\[False, False, False, (?:False|True)\]$/,
  ),
  program(
    "filling the file system",
    "i = 0\nwhile True:\n    open(f'/tmp/{i}', 'wb').write(b'x' * 10 ** 6)\n    i += 1",
    ["threw"],
    /Read-only/,
  ),
  program("a pipe that is filled", "import os\nr, w = os.pipe()\nwhile True: os.write(w, b'x' * 65536)", [
    "threw",
  ]),
  program("files that are opened without end", "import os\nwhile True: os.open('/', 0)", [
    "threw",
    "timed-out",
  ]),
  program("the host's environment", "import os\nreturn dict(os.environ)", ["returned"], /^\{\}$/),
  program(
    "the C library's environment",
    "import os, posix\nreturn (posix.environ, os.getenv('GLASSBOX_CANARY'))",
    ["returned"],
  ),
  program(
    "a connection",
    "import socket\ns = socket.create_connection(('127.0.0.1', PORT), 1)\ns.send(b'pwned')",
    ["threw", "timed-out"],
  ),
  program(
    "a request",
    "import urllib.request\nreturn urllib.request.urlopen('http://127.0.0.1:PORT/').read()",
    ["threw", "timed-out"],
  ),
  program("a server", "import socket\ns = socket.socket()\ns.bind(('127.0.0.1', 0))\ns.listen()\nreturn 1", [
    "threw",
  ]),
  program("a package from the network", importing("micropip"), ["returned", "timed-out"], /gone/),
  program("standard input", "return input('password: ')", ["threw"]),
  program("a breakpoint", "breakpoint()\nreturn 1", ["returned"], /^1$/),
  program(
    "code at exit",
    "import atexit\natexit.register(lambda: open('CANARY', 'w'))\nreturn 1",
    ["returned"],
    /^1$/,
  ),
];
