// Runs one tool in Node.js. The request is descriptor 3 and the result goes to descriptor 4, as in
// python_call.py.

import { closeSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { createRequire } from "node:module";
import process from "node:process";
import { pathToFileURL } from "node:url";

const call = JSON.parse(readFileSync(3, "utf8"));
closeSync(3);
const RESULT = "__reverie_function__";

const message = (error) => {
  const text = String(error?.message ?? error).split(/\s+/).join(" ").trim();
  const name = error instanceof Error ? error.name : "Error";
  return text ? `${name}: ${text}` : name;
};

const send = (answer) => {
  if (Buffer.byteLength(answer.value ?? "") > call.output_bytes_max)
    answer = { end: "exhausted", error: `the value is longer than ${call.output_bytes_max} bytes` };
  const body = Buffer.from(JSON.stringify(answer));
  const frame = Buffer.concat([Buffer.from(`${call.nonce} ${body.length}\n`), body]);
  for (let at = 0; at < frame.length; ) at += writeSync(4, frame, at);
  process.exit(0);
};

const refuse = (error) => send({ end: "refused", error });

const fail = (error) => {
  process.stderr.write(`${error?.stack ?? error}\n`);
  send({ end: "raised", error: message(error) });
};

const text = (value) => {
  if (typeof value === "string") return value;
  if (value === undefined) return "null";
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
};

// The names of a function's parameters; nothing where they are patterns.
const parameters = (fn) => {
  const source = fn.toString();
  const open = source.indexOf("(");
  const arrow = source.indexOf("=>");
  if (open < 0 || (arrow >= 0 && arrow < open)) return [source.slice(0, arrow).replace("async", "").trim()];
  let depth = 0, part = "", parts = [];
  for (const letter of source.slice(open + 1)) {
    if (depth === 0 && (letter === ")" || letter === ",")) {
      if (part.trim()) parts.push(part.trim());
      part = "";
      if (letter === ")") break;
      continue;
    }
    if ("([{".includes(letter)) depth += 1;
    if (")]}".includes(letter)) depth -= 1;
    part += letter;
  }
  const names = parts.map((each) => each.split("=")[0].trim());
  return names.every((name) => /^[\w$]+$/.test(name)) ? names : undefined;
};

// By name where the names are known; as one object for a function that takes one.
const apply = (fn, given) => {
  const names = parameters(fn);
  const keys = Object.keys(given);
  if (names === undefined || (names.length === 1 && keys.length > 0 && !(names[0] in given))) return fn(given);
  const unknown = keys.filter((key) => !names.includes(key));
  if (unknown.length) throw new TypeError(`${fn.name}() has no parameter ${unknown.join(", ")}`);
  return fn(...names.map((name) => given[name]));
};

const injected = (given, names) => {
  if (names?.includes("agent_state") && !("agent_state" in given) && call.agent_state)
    given.agent_state = JSON.parse(call.agent_state);
  return given;
};

process.on("uncaughtException", fail);
process.on("unhandledRejection", fail);
process.on("SIGTERM", () => fail(new Error("SIGTERM")));

// Since 22.6 Node.js takes types away by itself; before, a compiler that is installed beside it does.
const untyped = (source) => {
  for (const place of ["/usr/lib/node_modules/", "/usr/local/lib/node_modules/", "/usr/share/nodejs/"]) {
    try {
      const compiler = createRequire(place)("typescript");
      const options = { module: compiler.ModuleKind.ESNext, target: compiler.ScriptTarget.ES2022 };
      return compiler.transpileModule(source, { compilerOptions: options }).outputText;
    } catch (error) {
      if (error.code !== "MODULE_NOT_FOUND") throw error;
    }
  }
  refuse(`TypeScript needs Node.js 22.6 or newer, or its compiler beside ${process.version}`);
};

if (call.function && !/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(call.function))
  refuse(`no function can be called ${JSON.stringify(call.function)}`);
if (call.language === "typescript" && !process.execArgv.includes("--experimental-strip-types")) {
  call.source = untyped(call.source);
  call.language = "javascript";
}
const suffix = call.language === "typescript" ? "mts" : "mjs";
const file = `${process.cwd()}/tool.${suffix}`;
const lookup = call.function
  ? `\n;export const ${RESULT} = typeof ${call.function} === "undefined" ? undefined : ${call.function};`
  : "";
globalThis.module = { exports: {} };
globalThis.exports = globalThis.module.exports;
globalThis.require = createRequire(file);
writeFileSync(file, call.source + lookup);

try {
  const loaded = await import(pathToFileURL(file).href);
  if (!call.function) {
    send({ end: "returned", value: "" });
  } else {
    const fn = loaded[RESULT] ?? globalThis.module.exports[call.function] ?? loaded.default;
    if (typeof fn !== "function")
      throw new ReferenceError(`the source defines no function '${call.function}'`);
    const given = injected(JSON.parse(call.arguments || "{}"), parameters(fn));
    send({ end: "returned", value: text(await apply(fn, given)) });
  }
} catch (error) {
  fail(error);
}
