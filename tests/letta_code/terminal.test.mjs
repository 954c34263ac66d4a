// Letta Code's terminal, as a person sees it: keys go in through tmux, and what is on the screen is read.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { builds, Desk, handles, say, until } from './client.mjs';

const quoted = (word) => `'${word.replaceAll("'", String.raw`'\''`)}'`;

class Terminal {
  constructor(desk) {
    this.desk = desk;
    // It writes answers as they come, which is a setting of it.
    mkdirSync(join(desk.home, '.letta'));
    writeFileSync(join(desk.home, '.letta/settings.json'), JSON.stringify({ tokenStreaming: true }));
  }

  tmux(...args) {
    return execFileSync('tmux', ['-S', join(this.desk.home, 'tmux'), '-f', '/dev/null', ...args], {
      encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...this.desk.environment, TERM: 'xterm-256color', LANG: 'C.UTF-8' },
    });
  }

  start(...args) {
    const { command, options } = this.desk.build;
    this.tmux('new-session', '-d', '-x', '110', '-y', '60', '-c', this.desk.work,
      [...command, ...args, '--permission-mode', 'standard', ...options].map(quoted).join(' '));
  }

  async stop() {
    if (!this.isRunning()) return;
    this.tmux('kill-server');
    await until('the terminal to close', () => !this.isRunning());
  }

  isRunning() {
    try {
      this.tmux('has-session');
      return true;
    } catch {
      return false;
    }
  }

  screen() {
    return this.tmux('capture-pane', '-p').replace(/ +$/gm, '');
  }

  async sees(what) {
    const isThere = (screen) => (what instanceof RegExp ? what.test(screen) : screen.includes(what));
    try {
      return await until(what, () => [this.screen()].find(isThere));
    } catch (error) {
      throw new Error(`${error.message}; there is:\n${this.screen()}`);
    }
  }

  press(...keys) {
    this.tmux('send-keys', ...keys);
  }

  // Types a letter when the one before it is there: for fields that take no more than that. `field` is
  // what stands before the text.
  async write(field, text) {
    for (let typed = 1; typed <= text.length; ++typed) {
      this.tmux('send-keys', '-l', '--', text[typed - 1]);
      await this.sees(`${field}${text.slice(0, typed)}`.trimEnd());
    }
  }

  // Waits for the turn before: while one runs, commands are refused.
  async prompt(text, typed = text.slice(-20)) {
    await until('the turn to end', () => !this.screen().includes('esc to interrupt'));
    this.tmux('send-keys', '-l', '--', text);
    await this.sees(typed);
    this.press('Enter');
  }

  // A turn ends a little later than it looks. A command that was refused for it is given again.
  async command(text, effect) {
    const refusals = (screen) => screen.split('is disabled while the agent is running').length;
    for (;;) {
      const before = refusals(this.screen());
      await this.prompt(text);
      const screen = await until(`${text} to be taken`, () =>
        [this.screen()].find((each) => each.includes(effect) || refusals(each) > before));
      if (screen.includes(effect)) return;
    }
  }
}

function aDay(build) {
  const { write } = build.tools.anthropic;
  let desk;
  let terminal;
  let agent;
  let conversation;

  before(async () => {
    desk = await Desk.open(build);
    terminal = new Terminal(desk);
    const answer = await desk.prompt('hello from before', '--new-agent', '-m', handles.anthropic);
    ({ agent_id: agent, conversation_id: conversation } = answer);
  });
  after(async () => {
    await terminal?.stop();
    await desk?.close();
  });

  const modelSpeaks = (tokens_per_s) => fetch(`http://127.0.0.1:${desk.model.port}/__config`,
    { method: 'POST', body: JSON.stringify({ tokens_per_s }) });

  it('starts with what was said before, and streams an answer until it is interrupted', async () => {
    terminal.start('--conversation', conversation);
    await terminal.sees('• You said: hello from before');
    await modelSpeaks(4);
    await terminal.prompt(`count for me: ${'and one more '.repeat(20)}`.trim());
    const screen = await terminal.sees('• You said: count for me:');
    assert.ok(screen.split('one more').length < 30, screen);  // 20 are the question's
    terminal.press('Escape');
    await terminal.sees('Interrupted');
    await modelSpeaks(0);
    await until('the run to be cancelled', async () => {
      const page = await desk.sdk.runs.list({ agent_id: agent, limit: 1 });
      return page.getPaginatedItems()[0].stop_reason === 'cancelled';
    });
  });

  it('has its answer in full though the server is killed in the middle of it', async () => {
    const text = `I begin${' and go on'.repeat(25)} to the end`;
    await modelSpeaks(4);
    await terminal.prompt(say(text));
    await terminal.sees('• I begin and go on');
    await desk.crash();
    await modelSpeaks(0);
    await desk.reopen();
    // If the server is away for longer than it asks for its stream, it says so. The answer is there.
    await terminal.sees(/\bend$|stop_reason: error/m);
    await until('the answer', async () => {
      const page = await desk.sdk.conversations.messages.list(conversation, { order: 'desc', limit: 5 });
      return page.getPaginatedItems().some((each) => each.message_type === 'assistant_message' && each.content === text);
    });
    await terminal.prompt(say('here I am'));
    await terminal.sees('• here I am');
  });

  it('asks before it writes a file, and does so though the server is killed meanwhile', async () => {
    const path = desk.path('allowed.txt');
    await terminal.prompt(write(path, 'yes\n') + say('it is there'));
    await terminal.sees('Enter to select');
    await desk.crash();
    await desk.reopen();
    terminal.press('Enter');
    await terminal.sees('• it is there');
    assert.equal(readFileSync(path, 'utf8'), 'yes\n');
  });

  it('tells the model why a person refuses', async () => {
    const path = desk.path('refused.txt');
    await terminal.prompt(write(path, 'no\n') + say('a pity'));
    await terminal.sees('❯ 1. Yes');
    terminal.press('Down');
    await terminal.sees('❯ 2. Yes');
    terminal.press('Down');
    await terminal.sees('❯ 3. No');
    await terminal.write('❯ 3. ', 'rather porridge');
    terminal.press('Enter');
    await terminal.sees('• a pity');
    assert.ok(!existsSync(path));
    const [told] = await desk.told('rather porridge');
    assert.equal(told.reply.content, 'a pity');
  });

  it('compacts', async () => {
    await terminal.command('/compact all', 'Compaction completed');
    await terminal.sees(/Compaction completed.*Message buffer length reduced/);
    await terminal.sees(/SUMMARY of \d+ messages/);
    const context = await desk.sdk.conversations.retrieve(conversation);
    assert.ok(context.in_context_message_ids.length <= 3);
  });

  it('forks', async () => {
    await terminal.command('/fork a branch', 'Forked conversation');
    const [fork] = (await desk.sdk.conversations.list({ agent_id: agent })).filter((each) => each.id !== conversation);
    assert.equal(fork.summary, 'a branch');
    await terminal.prompt(say('only in the branch'));
    await terminal.sees('• only in the branch');
    const said = async (id) => JSON.stringify((await desk.sdk.conversations.messages.list(id)).getPaginatedItems());
    assert.match(await said(fork.id), /only in the branch/);
    assert.doesNotMatch(await said(conversation), /only in the branch/);
    conversation = fork.id;
  });

  it('changes the model', async () => {
    await terminal.command('/model', 'Recommended models');
    terminal.press('Right');
    await terminal.sees('All models currently available');
    await terminal.write('Search: ', 'gpt-4o-mini');
    await terminal.sees(/^> .*gpt-4o-mini$/m);
    terminal.press('Enter');
    await terminal.sees(/Letta Code (· |\[).*gpt-4o-mini\]?$/m);
    await terminal.prompt(say('I am new here'));
    await terminal.sees('• I am new here');
    const [asked] = await desk.told('I am new here');
    assert.equal(asked.path, '/v1/chat/completions');
  });

  it('ends, and starts again where it was', async () => {
    await terminal.prompt('/exit');
    await until('the terminal to close', () => !terminal.isRunning());
    terminal.start();
    await terminal.sees('• I am new here');
    await terminal.prompt(say('good morning'));
    await terminal.sees('• good morning');
    const [asked] = await desk.told('good morning');
    assert.match(JSON.stringify(asked.body.messages), /I am new here/);
  });
}

describe('the terminal of Letta Code', { concurrency: true }, () => {
  for (const [name, build] of Object.entries(builds)) {
    describe(name, { concurrency: 1 }, () => aDay(build));
  }
});
