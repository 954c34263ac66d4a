// Letta Code as it is published, at work: each build that is tested, with a server and a model of its own.

import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import Letta from '@letta-ai/letta-client';

import { kill, startModel, startServer, stop } from '../support/processes.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

export const handles = { openai: 'openai-proxy/gpt-4o-mini', anthropic: 'anthropic/claude-sonnet-4-5-20250929' };

// What the model is to answer: `call`, then `say`, each a step of its own.
export const call = (tool, args) => `[[call ${tool} ${JSON.stringify(args)}]]`;
export const say = (text) => `[[say ${text}]]`;

const fileTools = {
  read: (path) => call('Read', { file_path: path }),
  write: (path, content) => call('Write', { file_path: path, content }),
  edit: (path, before, after) => call('Edit', { file_path: path, old_string: before, new_string: after }),
  shell: (command) => call('Bash', { command, description: 'a command' }),
  incomplete: (path) => call('Write', { file_path: path }),
};

const patch = (...lines) => call('ApplyPatch', { input: ['*** Begin Patch', ...lines, '*** End Patch', ''].join('\n') });

const patchTools = {
  read: (path) => patchTools.shell(`cat ${path}`),
  write: (path, content) => patch(`*** Add File: ${path}`, ...content.trimEnd().split('\n').map((line) => `+${line}`)),
  edit: (path, before, after) => patch(`*** Update File: ${path}`, '@@', `-${before}`, `+${after}`),
  shell: (command) => call('exec_command', { cmd: command, description: 'a command' }),
  incomplete: (path) => call('exec_command', { description: `would make ${path}` }),
};

// `options`: what each start of it needs. `tools`: how an agent of it does things, over a wire format.
export const builds = {
  'npm 0.25.9': {
    command: [process.execPath, here('node_modules/@letta-ai/letta-code/letta.js')],
    options: ['--no-memfs', '--toolset', 'default'],
    tools: { openai: fileTools, anthropic: fileTools },
  },
  'PyPI 0.34.12': {
    command: [here('../../build/venv/bin/letta')],
    options: [],
    tools: { openai: patchTools, anthropic: fileTools },
  },
};

// Resolves with what `look` returns, as soon as that is something; `what` says it in the error.
export async function until(what, look, patience_s = 60) {
  const deadline = Date.now() + patience_s * 1000;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`waited ${patience_s} s for ${what}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

// A home and a folder to work in, a server, and a model that is told what to answer.
export class Desk {
  static async open(build) {
    const desk = new Desk();
    desk.build = build;
    desk.model = await startModel();
    desk.server = await startServer({ model: desk.model });
    desk.home = mkdtempSync(join(tmpdir(), 'letta-code-'));
    desk.work = join(desk.home, 'work');
    mkdirSync(desk.work);
    desk.sdk = new Letta({ baseURL: desk.server.url, apiKey: 'none', maxRetries: 0 });
    return desk;
  }

  async close() {
    await stop(this.server);
    await stop(this.model);
    rmSync(this.home, { recursive: true, force: true });
  }

  // Kills the server; `reopen` starts it again with the same data on the same port.
  crash() {
    return kill(this.server);
  }

  async reopen() {
    const { directory, port } = this.server;
    this.server = await startServer({ model: this.model, directory, port });
  }

  path(name) {
    return join(this.work, name);
  }

  get environment() {
    return {
      PATH: process.env.PATH, HOME: this.home, LETTA_BASE_URL: this.server.url, LETTA_API_KEY: 'none',
      LETTA_CODE_TELEM: '0', DISABLE_AUTOUPDATER: '1',
    };
  }

  start(args, input) {
    const [program, ...first] = this.build.command;
    return spawn(program, [...first, ...args, ...this.build.options],
      { cwd: this.work, env: this.environment, stdio: [input, 'pipe', 'pipe'] });
  }

  // Resolves with what the program wrote on its output.
  run(...args) {
    return finished(this.start(args, 'ignore'), args.join(' '));
  }

  async prompt(text, ...options) {
    return JSON.parse(await this.run('-p', text, '--output-format', 'json', '--yolo', ...options));
  }

  session(...options) {
    return new Session(this.start(['-p', '--input-format', 'stream-json', '--output-format', 'stream-json',
      '--permission-mode', 'standard', ...options], 'pipe'));
  }

  // The requests to the model that hold `text`, oldest first.
  async told(text) {
    const query = new URLSearchParams({ contains: text });
    const answer = await fetch(`http://127.0.0.1:${this.model.port}/__journal?${query}`);
    return (await answer.json()).entries;
  }
}

function finished(child, what) {
  return new Promise((done, fail) => {
    let output = '';
    let errors = '';
    child.stdout.on('data', (chunk) => { output += chunk; });
    child.stderr.on('data', (chunk) => { errors += chunk; });
    const timer = setTimeout(() => child.kill('SIGKILL'), 120_000);
    child.on('close', (code) => {
      clearTimeout(timer);
      if (code === 0) done(output);
      else fail(new Error(`${what} ended with ${code}: ${output}${errors}`));
    });
  });
}

// One program that is talked to in turns, and asks whether it may use a tool.
export class Session {
  constructor(child) {
    this.child = child;
    this.events = [];
    createInterface({ input: child.stdout }).on('line', (line) => {
      this.events.push(JSON.parse(line));
      this.wake?.();
    });
    this.ended = finished(child, 'the session').finally(() => {
      this.isOver = true;
      this.wake?.();
    });
    this.ended.catch(() => {});  // whoever waits for a turn or for the end is told
  }

  send(message) {
    this.child.stdin.write(`${JSON.stringify(message)}\n`);
  }

  async next() {
    while (!this.events.length && !this.isOver) await new Promise((done) => { this.wake = done; });
    return this.events.shift();
  }

  // Resolves with the result of the turn. `decide` is asked for each call that needs a person.
  async turn(text, decide = () => ({ behavior: 'allow' })) {
    this.send({ type: 'user', message: { role: 'user', content: text } });
    for (let event = await this.next(); event; event = await this.next()) {
      if (event.type === 'result') return event;
      if (event.type !== 'control_request') continue;
      const response = { subtype: 'success', request_id: event.request_id, response: decide(event.request) };
      this.send({ type: 'control_response', response });
    }
    throw new Error(`the session ended in the middle of a turn: ${await this.ended}`);
  }

  async end() {
    this.child.stdin.end();
    await this.ended;
  }
}
