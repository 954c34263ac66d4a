// The memory of Letta Code's agents over git: its own clone, its own pushes, our blocks.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

import { startModel, startServer, stop } from '../support/processes.mjs';

const program = fileURLToPath(new URL('node_modules/@letta-ai/letta-code/letta.js', import.meta.url));

let model;
let server;
let home;

before(async () => {
  model = await startModel();
  server = await startServer({ model });
  home = mkdtempSync(join(tmpdir(), 'letta-code-'));
  mkdirSync(join(home, 'work'));
});

after(async () => {
  await stop(server);
  await stop(model);
  rmSync(home, { recursive: true, force: true });
});

// Resolves with what the program wrote on its output.
function run(...args) {
  return new Promise((done, fail) => {
    const env = {
      PATH: process.env.PATH, HOME: home, GIT_CONFIG_NOSYSTEM: '1', LETTA_API_KEY: 'none',
      LETTA_BASE_URL: server.url, LETTA_MEMFS_BASE_URL: server.url, LETTA_MEMFS_LOCAL: '1',
    };
    const child = spawn(process.execPath, [program, ...args],
      { cwd: join(home, 'work'), env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let errors = '';
    child.stdout.on('data', (chunk) => { output += chunk; });
    child.stderr.on('data', (chunk) => { errors += chunk; });
    const timer = setTimeout(() => child.kill('SIGKILL'), 60_000);
    child.on('exit', (code) => {
      clearTimeout(timer);
      if (code === 0) done(output);
      else fail(new Error(`${args.join(' ')} ended with ${code}: ${output}${errors}`));
    });
  });
}

async function prompt(text, ...options) {
  return JSON.parse(await run('-p', text, '--output-format', 'json', '--yolo', '--toolset', 'default', ...options));
}

async function api(path, method = 'GET', body = undefined) {
  const answer = await fetch(server.url + path,
    { method, headers: { 'content-type': 'application/json' }, body: body && JSON.stringify(body) });
  assert.equal(answer.status, 200, path);
  return answer.json();
}

const bash = (command) => `[[call Bash ${JSON.stringify({ command, description: 'edits its memory' })}]]`;

describe('memory over git', () => {
  let agent;
  let memory;

  const block = async (label) =>
    (await api(`/v1/agents/${agent}/core-memory/blocks`)).find((one) => one.label === label);

  it('is cloned for a new agent', async () => {
    const answer = await prompt('hello there', '--new-agent', '-m', 'openai-proxy/gpt-4o-mini');
    assert.equal(answer.subtype, 'success');
    agent = answer.agent_id;
    memory = join(home, '.letta', 'agents', agent, 'memory');
    assert.ok(existsSync(join(memory, '.git')));
    const { tags } = await api(`/v1/agents/${agent}?include=agent.tags`);
    assert.ok(tags.includes('git-memory-enabled'));
    const { value } = await block('system/human');
    assert.ok(readFileSync(join(memory, 'system/human.md'), 'utf8').endsWith(value));
  });

  it('is edited by the agent with files and git, and seen over the API', async () => {
    const text = '---\\ndescription: What I have noted.\\n---\\nthe word is marzipan';
    const answer = await prompt(
      `${bash(`cd "$MEMORY_DIR" && printf -- '${text}' > system/notes.md && git add -A && git commit -qm note && git push -q`)}`
        + '[[step]][[say noted]]', '--agent', agent);
    assert.equal(answer.result, 'noted');
    const notes = await block('system/notes');
    assert.equal(notes?.value, 'the word is marzipan');
    assert.equal(notes.description, 'What I have noted.');
  });

  it('is in the prompt of the next message', async () => {
    await prompt('what do you know', '--agent', agent);
    const journal = await (await fetch(`http://127.0.0.1:${model.port}/__journal?contains=marzipan`)).text();
    assert.ok(journal.includes('system/notes.md'));
  });

  it('follows an edit over the API when the program starts', async () => {
    await api(`/v1/agents/${agent}/core-memory/blocks/${encodeURIComponent('system/notes')}`, 'PATCH',
      { value: 'the word is nougat' });
    await prompt('hello again', '--agent', agent);
    assert.ok(readFileSync(join(memory, 'system/notes.md'), 'utf8').endsWith('the word is nougat'));
  });
});
