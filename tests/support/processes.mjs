// The server and the scripted model as processes: the counterpart of processes.py.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
export const binary = process.env.REVERIE_BINARY ?? join(root, 'build/release/reverie');
const modelBinary = join(dirname(binary), 'tests/scripted_model/scripted_model');

// What a server keeps of the tests' own environment: no key of a real provider is among it.
const kept = ['PATH', 'ASAN_OPTIONS', 'UBSAN_OPTIONS', 'TSAN_OPTIONS', 'LSAN_OPTIONS'];

// Resolves with the process and its port, which it says on a line of its output.
function start(command, args, pattern, env) {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const read = (chunk) => {
      output += chunk;
      const found = pattern.exec(output);
      if (found) done({ child, port: Number(found[1]) });
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.on('exit', (code) => fail(new Error(`${command} ended with ${code}: ${output}`)));
  });
}

export async function startModel() {
  return start(modelBinary, ['--port', '0'], /http:\/\/127\.0\.0\.1:(\d+)\/v1/, process.env);
}

// `directory` and `port`: of a server that was killed, to go on where that was.
export async function startServer({
  model, options = [], directory = mkdtempSync(join(tmpdir(), 'reverie-')), port = 0,
} = {}) {
  const env = { HOME: directory };
  for (const name of kept) if (name in process.env) env[name] = process.env[name];
  if (model) {
    const url = `http://127.0.0.1:${model.port}/v1`;
    Object.assign(env, {
      OPENAI_API_KEY: 'sk-test', OPENAI_BASE_URL: url,
      ANTHROPIC_API_KEY: 'sk-ant-test', ANTHROPIC_BASE_URL: url,
    });
  }
  const args = ['serve', '--port', `${port}`, '--data-dir', join(directory, 'data'), '--models.discover-local=false'];
  const server = await start(binary, [...args, ...options], /listens url=http:\/\/[^ ]*:(\d+)/, env);
  return { ...server, directory, url: `http://127.0.0.1:${server.port}` };
}

// Resolves when the process is gone; its directory stays.
export function kill({ child }) {
  return new Promise((done) => {
    child.removeAllListeners('exit');
    child.on('exit', done);
    child.kill('SIGKILL');
  });
}

// Resolves with the exit code, when the process is gone and its directory too.
export function stop({ child, directory }, signal = 'SIGTERM') {
  return new Promise((done) => {
    child.removeAllListeners('exit');
    child.on('exit', (code) => {
      if (directory) rmSync(directory, { recursive: true });
      done(code);
    });
    child.kill(signal);
  });
}
