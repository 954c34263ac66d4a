// The example in TypeScript, run as a user runs it.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { after, before, it } from 'node:test';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';

import { startModel, startServer, stop } from '../../support/processes.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const example = resolve(here, '../../../examples/typescript/support_agent.mjs');

let model;
let server;
let directory;

before(async () => {
  model = await startModel();
  server = await startServer({ model });
  // A copy beside the SDK that is installed here, as a user's own would be.
  directory = mkdtempSync(join(tmpdir(), 'reverie-example-'));
  copyFileSync(example, join(directory, 'support_agent.mjs'));
  symlinkSync(join(here, 'node_modules'), join(directory, 'node_modules'));
});

after(async () => {
  assert.equal(await stop(server), 0);
  await stop(model);
  rmSync(directory, { recursive: true });
});

// Starts the program, types these lines and resolves with what it printed.
function chat(name, ...lines) {
  const env = { ...process.env, LETTA_BASE_URL: server.url, SUPPORT_AGENT_NAME: name };
  delete env.LETTA_MODEL;
  const child = spawn(process.execPath, ['support_agent.mjs'], { cwd: directory, env });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk) => { output += chunk; });
  child.stderr.on('data', (chunk) => { errors += chunk; });
  child.stdin.end(lines.map((line) => `${line}\n`).join(''));
  return new Promise((done, fail) => {
    child.on('close', (code) => (code === 0 ? done(output) : fail(new Error(`${code}: ${errors}`))));
  });
}

it('knows its user after a second start', async () => {
  const first = await chat('Support A', 'Hi, my name is Ada.');
  assert.match(first, /\(memory changed\)/);
  const [answer, memory] = (await chat('Support A', 'What is my name?')).split(' remembers:');
  assert.match(answer, /Ada/);
  assert.match(memory, /Ada/);
});
