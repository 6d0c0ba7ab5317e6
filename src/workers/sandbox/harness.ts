/**
 * The part of a sandboxed run that lives inside QuickJS: console, timers in virtual time, a renderer of values, and
 * the hook of traced scripts (see `traceSource`).
 *
 * It is evaluated before the reader's code and keeps its own references to every built-in that it uses, so that
 * code which replaces or breaks built-ins cannot change what is reported. For the same reason it uses no spread,
 * `for…of` or destructuring of arrays: those call replaceable iterators.
 */
export const HARNESS = String.raw`(function (maxText) {
  "use strict";
  var construct = Reflect.construct, define = Reflect.defineProperty, create = Object.create, freeze = Object.freeze;
  var apply = Reflect.apply, ownKeys = Reflect.ownKeys, describe = Reflect.getOwnPropertyDescriptor;
  var protoOf = Reflect.getPrototypeOf, getKey = Reflect.get;
  var isArray = Array.isArray, quote = JSON.stringify, Str = String, floor = Math.floor;
  var objectToString = Object.prototype.toString, symbolToString = Symbol.prototype.toString;
  var dateToISO = Date.prototype.toISOString, dateTime = Date.prototype.getTime;
  var regExpSource = describe(RegExp.prototype, "source").get;
  var regExpFlags = ["hasIndices", "global", "ignoreCase", "multiline", "dotAll", "unicode", "unicodeSets", "sticky"];
  var regExpLetters = "dgimsuvy";
  for (var f = 0; f < 8; f++) regExpFlags[f] = (describe(RegExp.prototype, regExpFlags[f]) || {}).get;
  var functionToString = Function.prototype.toString;
  var bigToString = BigInt.prototype.toString;
  var mapEach = Map.prototype.forEach, setEach = Set.prototype.forEach;
  var mapSize = describe(Map.prototype, "size").get, setSize = describe(Set.prototype, "size").get;
  var typedLength = describe(protoOf(Uint8Array.prototype), "length").get;
  var typedTag = describe(protoOf(Uint8Array.prototype), Symbol.toStringTag).get;
  var slice = String.prototype.slice, charCodeAt = String.prototype.charCodeAt;
  var generatorPrototype = protoOf(protoOf((function* () {})()));
  var generatorNext = generatorPrototype.next;
  var promiseThen = Promise.prototype.then;
  var WeakMapCtor = WeakMap, mapHas = WeakMap.prototype.has, mapSet = WeakMap.prototype.set, mapDelete = WeakMap.prototype.delete;
  var toStringTag = Symbol.toStringTag;
  var ErrorProto = Error.prototype, ObjectProto = Object.prototype;
  var isError = function (value) { return builtInTag(value) === "[object Error]" || inherits(value, ErrorProto); };

  // Proxies are remembered: looking into one runs the code's own traps.
  var RealProxy = Proxy, proxies = new WeakSet(), addProxy = WeakSet.prototype.add, isKnownProxy = WeakSet.prototype.has;
  var revocable = Proxy.revocable;
  function remembered(proxy) {
    apply(addProxy, proxies, [proxy]);
    return proxy;
  }
  RealProxy.revocable = { revocable(target, handler) {
    var pair = revocable(target, handler);
    remembered(pair.proxy);
    return pair;
  } }.revocable;
  globalThis.Proxy = new RealProxy(RealProxy, {
    construct: function (target, args, newTarget) { return remembered(construct(target, args, newTarget)); },
  });

  /** Whether a proxy is the value itself or stands among its prototypes. */
  function hasProxy(value) {
    for (var at = value, depth = 0; at !== null && depth < 100; depth++) {
      if (apply(isKnownProxy, proxies, [at])) return true;
      at = protoOf(at);
    }
    return false;
  }

  /** "[object Error]" and the like; "" where reading it would run a getter of the code's own. */
  function builtInTag(value) {
    for (var at = value, depth = 0; at !== null && depth < 100; at = protoOf(at), depth++) {
      var tag = describe(at, toStringTag);
      if (tag) return "";
    }
    return apply(objectToString, value, []);
  }

  function regExpText(value) {
    var flags = "";
    for (var i = 0; i < 8; i++) {
      if (regExpFlags[i] && apply(regExpFlags[i], value, []) === true) flags += regExpLetters[i];
    }
    return "/" + apply(regExpSource, value, []) + "/" + flags;
  }

  function inherits(value, proto) {
    for (var depth = 0, at = value; depth < 100; depth++) {
      at = protoOf(at);
      if (at === null) return false;
      if (at === proto) return true;
    }
    return false;
  }

  function attempt(f, fallback) {
    try { return f(); } catch (e) { return fallback; }
  }

  /** Whether calling a built-in accessor on the value works: the only test that replaced prototypes cannot fool. */
  function is(accessor, value) {
    return attempt(function () { apply(accessor, value, []); return true; }, false);
  }

  function plainKey(key) {
    if (key.length === 0) return false;
    for (var i = 0; i < key.length; i++) {
      var c = apply(charCodeAt, key, [i]);
      var letter = (c >= 65 && c <= 90) || (c >= 97 && c <= 122) || c === 95 || c === 36;
      if (!letter && !(i > 0 && c >= 48 && c <= 57)) return false;
    }
    return true;
  }

  function className(value) {
    var proto = protoOf(value);
    if (proto === null) return "[no prototype]";
    if (proto === ObjectProto) return "Object";
    var constructor = describe(proto, "constructor");
    var named = constructor && typeof constructor.value === "function" && !apply(isKnownProxy, proxies, [constructor.value]);
    var name = named ? describe(constructor.value, "name") : undefined;
    return name && typeof name.value === "string" && name.value !== "" ? name.value : "Object";
  }

  /**
   * @param quoted whether a string stands in quotes.
   * @param limit characters.
   * @param passive whether to run none of the code's own: neither what a generator does next, nor a proxy's traps.
   */
  function render(value, quoted, limit, passive) {
    var left = limit;
    var above = new WeakMapCtor();
    function cut(text) {
      if (text.length > left) text = apply(slice, text, [0, left < 0 ? 0 : left]) + "…";
      left -= text.length;
      return text;
    }
    function list(open, close, count, entry, total) {
      if (total === 0) return open + close;
      var out = open;
      for (var i = 0; i < count; i++) {
        if (left <= 0) return out + (i > 0 ? ", …" : "…") + close;
        if (i > 0) out += ", ";
        out += entry(i);
      }
      if (total > count) out += ", … " + (total - count) + " more";
      return out + close;
    }
    function one(value, depth) {
      switch (typeof value) {
        case "string": return cut(depth === 0 && !quoted ? value : quote(apply(slice, value, [0, left + 1])));
        case "number": return cut(value === 0 && 1 / value < 0 ? "-0" : Str(value));
        case "bigint": return cut(apply(bigToString, value, []) + "n");
        case "symbol": return cut(apply(symbolToString, value, []));
        case "undefined": case "boolean": return cut(Str(value));
        case "function": return cut(passive && hasProxy(value) ? "[Proxy]" : functionText(value));
      }
      if (value === null) return cut("null");
      if (passive && hasProxy(value)) return cut("[Proxy]");
      if (apply(mapHas, above, [value])) return cut("[Circular]");
      apply(mapSet, above, [value, true]);
      var text = attempt(function () { return object(value, depth); }, "[object that cannot be read]");
      apply(mapDelete, above, [value]);
      return text;
    }
    function functionText(value) {
      var name = attempt(function () { return describe(value, "name"); }, undefined);
      var source = attempt(function () { return apply(functionToString, value, []); }, "");
      var kind = apply(slice, source, [0, 5]) === "class" ? "class" : "Function";
      return "[" + kind + (name && typeof name.value === "string" && name.value !== "" ? " " + apply(slice, name.value, [0, 100]) : "") + "]";
    }
    function object(value, depth) {
      if (isError(value)) return cut(errorText(value));
      if (is(dateTime, value)) return cut(attempt(function () { return apply(dateToISO, value, []); }, "Invalid Date"));
      if (builtInTag(value) === "[object RegExp]") return cut(regExpText(value));
      if (depth > 5) return cut(isArray(value) ? "[Array]" : "[Object]");
      if (isArray(value)) {
        var length = describe(value, "length").value;
        return list("[", "]", length > 100 ? 100 : length, function (i) { return property(value, Str(i), depth); }, length);
      }
      if (is(mapSize, value)) {
        var entries = [], keys = 0, size = apply(mapSize, value, []);
        attempt(function () { apply(mapEach, value, [function (v, k) {
          if (keys >= 100 || left <= 0) throw 0;
          entries[keys++] = one(k, depth + 1) + " => " + one(v, depth + 1);
        }]); });
        return list("Map(" + size + ") {", "}", keys, function (i) { return entries[i]; }, size);
      }
      if (is(setSize, value)) {
        var members = [], count = 0, setCount = apply(setSize, value, []);
        attempt(function () { apply(setEach, value, [function (v) {
          if (count >= 100 || left <= 0) throw 0;
          members[count++] = one(v, depth + 1);
        }]); });
        return list("Set(" + setCount + ") {", "}", count, function (i) { return members[i]; }, setCount);
      }
      var typed = apply(typedTag, value, []);
      if (typed !== undefined) {
        var total = apply(typedLength, value, []);
        return list(typed + "(" + total + ") [", "]", total > 100 ? 100 : total, function (i) { return one(value[i], depth + 1); }, total);
      }
      if (inherits(value, generatorPrototype)) return generator(value, depth);
      var name = className(value);
      var all = ownKeys(value), shown = all.length > 100 ? 100 : all.length;
      return list(name === "Object" ? "{" : name + " {", "}", shown, function (i) {
        var key = all[i];
        var label = typeof key === "symbol" ? "[" + apply(symbolToString, key, []) + "]" : plainKey(key) ? key : quote(key);
        return cut(label) + ": " + property(value, key, depth);
      }, all.length);
    }
    function property(value, key, depth) {
      var descriptor = describe(value, key);
      if (descriptor === undefined) return cut("<empty>");
      // Getters are the code's own: reading them here would run it once more.
      if (descriptor.get || descriptor.set) return cut(descriptor.get ? "[Getter]" : "[Setter]");
      return one(descriptor.value, depth + 1);
    }
    function generator(value, depth) {
      if (passive) return cut("[Generator]");
      var out = "[Generator] yields ";
      for (var i = 0; i < 20; i++) {
        if (left <= 0) return out + "…";
        var step = apply(generatorNext, value, []);
        if (step.done) return out + (i === 0 ? "nothing" : "") + (step.value === undefined ? "" : ", returns " + one(step.value, depth + 1));
        out += (i === 0 ? "" : ", ") + one(step.value, depth + 1);
      }
      return out + ", …";
    }
    return one(value, 0);
  }

  /** "TypeError: x is not a function", read without running the code's own toString. */
  function errorText(error) {
    function field(name) {
      for (var at = error, depth = 0; at !== null && depth < 100; at = protoOf(at), depth++) {
        var descriptor = describe(at, name);
        if (descriptor) return "value" in descriptor ? descriptor.value : undefined;
      }
    }
    var name = field("name"), message = field("message");
    var text = typeof name === "string" ? name : "Error";
    return typeof message === "string" && message !== "" ? text + ": " + message : text;
  }

  var printed = "";
  function print() {
    if (printed.length > maxText) return;
    for (var i = 0; i < arguments.length; i++) printed += (i > 0 ? " " : "") + render(arguments[i], false, maxText, true);
    printed += "\n";
  }
  globalThis.console = { log: print, info: print, warn: print, error: print, debug: print };

  // Timers run in virtual time: when nothing else is left to do, the clock jumps to the next one.
  var timers = [], timerCount = 0, nextTimer = 1, now = 0;
  function schedule(callback, delay, repeat, args) {
    if (typeof callback !== "function") throw new TypeError("The callback of a timer must be a function.");
    var wait = +delay > 0 ? +delay : 0;
    timers[timerCount++] = { id: nextTimer, time: now + wait, callback: callback, repeat: repeat, wait: wait < 1 ? 1 : wait, args: args };
    return nextTimer++;
  }
  function rest(args) {
    var out = [];
    for (var i = 2; i < args.length; i++) out[i - 2] = args[i];
    return out;
  }
  function removeAt(index) {
    var timer = timers[index];
    for (var i = index; i < timerCount - 1; i++) timers[i] = timers[i + 1];
    timers.length = --timerCount;
    return timer;
  }
  function clear(id) {
    for (var i = 0; i < timerCount; i++) if (timers[i].id === id) { removeAt(i); return; }
  }
  globalThis.setTimeout = function (callback, delay) { return schedule(callback, delay, false, rest(arguments)); };
  globalThis.setInterval = function (callback, delay) { return schedule(callback, delay, true, rest(arguments)); };
  globalThis.setImmediate = function (callback) { return schedule(callback, 0, false, []); };
  globalThis.clearTimeout = globalThis.clearInterval = globalThis.clearImmediate = clear;
  globalThis.queueMicrotask = function (callback) { apply(promiseThen, Promise.resolve(), [callback]); };

  // What is imported is not here; using it says so, merely naming it does not.
  function absent(what) {
    return new RealProxy(function () {}, {
      get: function (_target, key) {
        if (key === "__esModule" || key === "default") return key === "default" ? absent(what) : true;
        if (typeof key === "symbol") return undefined;
        if (key === "call" || key === "apply" || key === "bind") return absent(what);
        return absent(what + "." + key);
      },
      apply: function () { throw new ReferenceError(what + " was imported, and the sandbox has no modules."); },
      construct: function () { throw new ReferenceError(what + " was imported, and the sandbox has no modules."); },
    });
  }
  globalThis.exports = {};
  globalThis.module = { exports: globalThis.exports };
  globalThis.require = function (name) { return absent(quote(Str(name))); };
  globalThis.React = {
    Fragment: "Fragment",
    createElement: function (type, props) { return { type: type, props: props || {}, children: rest(arguments) }; },
  };

  // A traced script calls the hook; what it does may not be seen by the script, whatever that has replaced.
  var scopes, maxSteps, maxValue, record, recording = false, steps = 0, truncated = false, fresh = {};
  var counting = false, lineCount = 0;
  var root = { name: "", depth: -1, caller: null, line: 0, scope: 0, read: null, values: null, failed: false };
  var current = root, lastThrown = fresh;

  /** Reports a step. @param value what is returned or thrown; 'fresh' stands for none. */
  function report(kind, frame, value) {
    if (!recording) return;
    if (steps >= maxSteps) { truncated = true; recording = false; return; }
    steps++;
    recording = false;
    counting = false;
    try {
      record();
      var names = scopes[frame.scope], text = "", count = names.length;
      for (var i = 0; i < count; i++) {
        var shown;
        // A variable that is not there yet throws.
        try { shown = render(frame.read(i), true, maxValue, true); } catch (e) { continue; }
        if (shown.length > maxValue) shown = apply(slice, shown, [0, maxValue]) + "…";
        text += (text === "" ? "" : ",") + '{"name":' + quote(names[i]) + ',"value":' + quote(shown) +
          ',"changed":' + (frame.values[names[i]] !== shown) + "}";
        frame.values[names[i]] = shown;
      }
      var step = '{"line":' + frame.line + ',"kind":"' + kind + '","depth":' + frame.depth + ',"functionName":' +
        quote(frame.name) + ',"variables":[' + text + '],"printed":' + printed.length;
      if (value !== fresh) {
        var result = kind === "throw" ? thrown(value, maxValue, true) : render(value, true, maxValue, true);
        if (result.length > maxValue) result = apply(slice, result, [0, maxValue]) + "…";
        step += ',"value":' + quote(result);
      }
      recording = record(step + "}");
      if (!recording) truncated = true;
    } catch (e) {
      // Neither stack nor memory is left for a report: the script's own next move meets the same end.
      recording = true;
      truncated = true;
    }
    counting = true;
  }
  function place(frame, scope, line, read) {
    frame.scope = scope; frame.line = line; frame.read = read;
  }
  /** Reports an error in every frame from the innermost to 'frame', which 'last' includes or not. */
  function unwind(frame, value, last) {
    var known = false;
    for (var at = current; at !== null; at = at.caller) if (at === frame) known = true;
    while (known && current !== frame) {
      if (!current.failed && current.values) report("throw", current, value);
      current = current.caller;
    }
    if (last && !frame.failed && frame.values) report("throw", frame, value);
    current = frame;
  }
  var hook = freeze({
    __proto__: null,
    enter: function (name) {
      return current = { name: name, depth: current.depth + 1, caller: current, line: 0, scope: 0, read: null, values: null, failed: false };
    },
    step: function (frame, scope, line, read) {
      if (current !== frame) unwind(frame, lastThrown, false);
      frame.failed = false;
      if (frame.values === null) frame.values = create(null);
      place(frame, scope, line, read);
      if (counting) lineCount++;
      if (recording) report("line", frame, fresh);
    },
    leave: function (frame, scope, line, value, read) {
      if (current !== frame) unwind(frame, lastThrown, false);
      if (frame.values === null) frame.values = create(null);
      place(frame, scope, line, read);
      if (recording) report("return", frame, value);
      current = frame.caller;
      return value;
    },
    fail: function (frame, scope, line, value, read) {
      if (current !== frame) unwind(frame, lastThrown, false);
      place(frame, scope, line, read);
      if (recording) report("throw", frame, value);
      frame.failed = true;
      lastThrown = value;
      return value;
    },
    caught: function (frame, value) {
      unwind(frame, arguments.length > 1 ? value : lastThrown, true);
      frame.failed = false;
      lastThrown = fresh;
    },
    pause: function (frame, value) {
      current = frame.caller;
      return value;
    },
    resumed: function (frame, value) {
      frame.caller = current;
      current = frame;
      return value;
    },
    awaited: function (frame, value) {
      frame.caller = root;
      current = frame;
      return value;
    },
  });

  function thrown(value, limit, passive) {
    if (passive && typeof value === "object" && value !== null && hasProxy(value)) return "[Proxy]";
    var error = typeof value === "object" && value !== null && attempt(function () { return isError(value); }, false);
    if (error) return attempt(function () { return apply(slice, errorText(value), [0, limit]); }, "an error that cannot be read");
    return render(value, true, limit, passive);
  }

  return {
    /** Puts the hook in place; 'recorder' is called once before and once with each step. */
    trace: function (name, names, most, longest, recorder) {
      scopes = names; maxSteps = most; maxValue = longest; record = recorder;
      define(globalThis, name, { value: hook });
    },
    startTrace: function () { recording = counting = true; },
    endTrace: function (error) { unwind(root, error, false); },
    isTruncated: function () { return truncated; },
    lineCount: function () { return lineCount; },
    call: function (callee, args) { return apply(callee, undefined, args); },
    render: function (value) { return render(value, true, maxText, false); },
    thrown: function (value) { return thrown(value, maxText, false); },
    printed: function () {
      return printed.length > maxText ? apply(slice, printed, [0, maxText]) + "…" : printed;
    },
    runNextTimer: function () {
      if (timerCount === 0) return false;
      var next = 0;
      for (var i = 1; i < timerCount; i++) if (timers[i].time < timers[next].time) next = i;
      var timer = removeAt(next);
      if (timer.time > now) now = timer.time;
      if (timer.repeat) { timer.time = now + timer.wait; timers[timerCount++] = timer; }
      apply(timer.callback, undefined, timer.args);
      return true;
    },
  };
})`;
