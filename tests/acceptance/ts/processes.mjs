// The server and the scripted model as processes: the counterpart of tests/support/processes.py.

import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');
export const binary = process.env.REVERIE_BINARY ?? join(root, 'build/release/reverie');
const modelBinary = join(dirname(binary), 'tests/scripted_model/scripted_model');

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

export async function startServer(model, directory = mkdtempSync(join(tmpdir(), 'reverie-'))) {
  const url = `http://127.0.0.1:${model.port}/v1`;
  const env = {
    ...process.env, HOME: directory, OPENAI_API_KEY: 'sk-test', OPENAI_BASE_URL: url,
    ANTHROPIC_API_KEY: 'sk-ant-test', ANTHROPIC_BASE_URL: url,
  };
  const args = ['serve', '--port', '0', '--data-dir', join(directory, 'data'), '--models.discover-local=false'];
  const server = await start(binary, args, /listens url=http:\/\/[^ ]*:(\d+)/, env);
  return { ...server, directory, url: `http://127.0.0.1:${server.port}` };
}

export function stop({ child }, signal = 'SIGTERM') {
  return new Promise((done) => {
    child.removeAllListeners('exit');
    child.on('exit', (code) => done(code));
    child.kill(signal);
  });
}
