// Letta Code, as it is published: the most demanding client of this API, headless and unmodified.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

import { kill, startModel, startServer, stop } from '../support/processes.mjs';

const program = fileURLToPath(new URL('node_modules/@letta-ai/letta-code/letta.js', import.meta.url));
const handles = { openai: 'openai-proxy/gpt-4o-mini', anthropic: 'anthropic/claude-sonnet-4-5-20250929' };

let model;
let server;
let home;
let work;

before(async () => {
  model = await startModel();
  server = await startServer({ model });
  home = mkdtempSync(join(tmpdir(), 'letta-code-'));
  work = join(home, 'work');
  mkdirSync(work);
});

after(async () => {
  await stop(server);
  await stop(model);
  rmSync(home, { recursive: true, force: true });
});

// Resolves with what the program wrote on its output.
function run(...args) {
  return new Promise((done, fail) => {
    const env = { PATH: process.env.PATH, HOME: home, LETTA_BASE_URL: server.url, LETTA_API_KEY: 'none' };
    const child = spawn(process.execPath, [program, ...args], { cwd: work, env, stdio: ['ignore', 'pipe', 'pipe'] });
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
  return JSON.parse(await run('-p', text, '--output-format', 'json', '--yolo', '--no-memfs', '--toolset', 'default',
    ...options));
}

const call = (tool, args) => `[[call ${tool} ${JSON.stringify(args)}]]`;

for (const [format, handle] of Object.entries(handles)) {
  describe(`over the ${format} wire format`, () => {
    let agent;

    it('makes an agent and talks to it', async () => {
      const answer = await prompt('hello there', '--new-agent', '-m', handle);
      assert.equal(answer.subtype, 'success');
      assert.match(answer.result, /hello there/);
      assert.ok(answer.usage.prompt_tokens > 1000);  // its own prompt and tools are in the request
      agent = answer.agent_id;
    });

    it('reads a file for the agent', async () => {
      const path = join(work, `${format}-note.txt`);
      writeFileSync(path, 'the word is marzipan\n');
      const answer = await prompt(`${call('Read', { file_path: path })}[[say I have read it]]`, '--agent', agent);
      assert.equal(answer.result, 'I have read it');
      assert.equal(answer.usage.step_count, 2);
      const journal = await fetch(`http://127.0.0.1:${model.port}/__journal?contains=marzipan`);
      assert.ok((await journal.text()).includes('marzipan'));  // the model was told
    });

    it('writes and edits a file for the agent', async () => {
      const path = join(work, `${format}-made.txt`);
      await prompt(`${call('Write', { file_path: path, content: 'one two' })}[[say written]]`, '--agent', agent);
      assert.equal(readFileSync(path, 'utf8'), 'one two');
      const edit = { file_path: path, old_string: 'two', new_string: 'three' };
      const answer = await prompt(`${call('Read', { file_path: path })}[[step]]${call('Edit', edit)}[[step]][[say edited]]`,
        '--agent', agent);
      assert.equal(answer.result, 'edited');
      assert.equal(readFileSync(path, 'utf8'), 'one three');
    });

    it('runs a command for the agent', async () => {
      const command = { command: `echo $((6*7)) > ${format}-sum.txt`, description: 'adds' };
      await prompt(`${call('Bash', command)}[[say ran]]`, '--agent', agent);
      assert.equal(readFileSync(join(work, `${format}-sum.txt`), 'utf8'), '42\n');
    });

    it('refuses a call that lacks an argument, and the turn goes on', async () => {
      const path = join(work, `${format}-none.txt`);
      const answer = await prompt(`${call('Write', { file_path: path })}[[say I see]]`, '--agent', agent);
      assert.equal(answer.result, 'I see');
      assert.ok(!existsSync(path));
    });

    it('streams pieces of an answer', async () => {
      const output = await run('-p', 'in pieces please', '--agent', agent, '--output-format', 'stream-json',
        '--include-partial-messages', '--yolo', '--no-memfs');
      const events = output.trim().split('\n').map((line) => JSON.parse(line));
      assert.ok(events.filter((event) => event.type === 'stream_event').length > 1);
      assert.equal(events.at(-1).type, 'result');
      assert.match(events.at(-1).result, /in pieces please/);
    });

    it('goes on with its agent after the server was killed', async () => {
      await kill(server);
      server = await startServer({ model, directory: server.directory });
      const answer = await prompt('are you still there', '--agent', agent);
      assert.match(answer.result, /are you still there/);
    });
  });
}
