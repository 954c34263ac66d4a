// The WebSocket from pages in a browser: our own may open it, those of others may not.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { chromium } from 'playwright-core';
import { startServer, stop } from '../support/processes.mjs';

// A name that leads to this machine, as an attacker could make one.
const host = 'reverie.test';
const password = 'pages & words?';

let browser;

before(async () => {
  browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-proxy-server', `--host-resolver-rules=MAP ${host} 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost`],
  });
});

after(() => browser.close());

// A page of this address; what it may connect to is the server's decision alone.
async function visit(test, url, options) {
  const context = await browser.newContext({ bypassCSP: true, ...options });
  test.after(() => context.close());
  const page = await context.newPage();
  await page.goto(url);
  return page;
}

// Sends one frame and resolves with all that was said until its end, or with the code that the
// socket was closed with.
function talk(page, url, { protocols = [], frame = { type: 'ping', id: '1' } } = {}) {
  const run = ({ url, protocols, frame }) => new Promise((done) => {
    const frames = [];
    const socket = new WebSocket(url, protocols);
    socket.onopen = () => socket.send(JSON.stringify(frame));
    socket.onclose = ({ code }) => done({ code, protocol: socket.protocol, frames });
    socket.onmessage = ({ data }) => {
      frames.push(JSON.parse(data));
      if (['pong', 'done', 'error'].includes(frames.at(-1).type)) socket.close(1000);
    };
  });
  return page.evaluate(run, { url, protocols, frame });
}

// As docs/websocket.md shows it.
const tokenOf = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)))
  .replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');

describe('the WebSocket of a server without a password', () => {
  let server;
  before(async () => { server = await startServer(); });
  after(async () => assert.equal(await stop(server), 0));

  it('is for its own pages', async (test) => {
    const page = await visit(test, `${server.url}/docs`);
    const made = await fetch(`${server.url}/v1/agents/`, {
      method: 'POST', headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'reverie/demo', memory_blocks: [{ label: 'human', value: '' }] }),
    });
    const { id: agent_id } = await made.json();
    const frame = { type: 'send', id: '1', agent_id, input: 'My name is Ada.', stream_tokens: true };
    const { code, frames } = await talk(page, `ws://127.0.0.1:${server.port}/v1/ws`, { frame });
    assert.equal(code, 1000);
    assert.deepEqual([frames[0].type, frames.at(-1).type], ['started', 'done']);
    const events = frames.filter(({ type }) => type === 'event').map(({ event }) => event);
    const numbers = events.slice(0, -2).map((event) => event.seq_id); // stop reason and usage have none
    assert.deepEqual(numbers, numbers.map((_, i) => i + 1));
  });

  it('is not for pages of other sites, whatever name they give to it', async (test) => {
    const page = await visit(test, `http://${host}:${server.port}/docs`);
    for (const name of ['127.0.0.1', 'localhost', host]) {
      const { code, frames } = await talk(page, `ws://${name}:${server.port}/v1/ws`);
      assert.deepEqual({ name, code, frames }, { name, code: 1006, frames: [] });
    }
  });
});

describe('the WebSocket of a server with a password', () => {
  let server;
  before(async () => { server = await startServer({ options: [`--server.password=${password}`] }); });
  after(async () => assert.equal(await stop(server), 0));

  it('takes it as a protocol, from its own pages alone', async (test) => {
    const credentials = { httpCredentials: { username: 'anybody', password } };
    const page = await visit(test, `http://${host}:${server.port}/docs`, credentials);
    const protocols = ['reverie.v1', `reverie.token.${tokenOf(password)}`];
    const own = await talk(page, `ws://${host}:${server.port}/v1/ws`, { protocols });
    assert.deepEqual(own, { code: 1000, protocol: 'reverie.v1', frames: [{ type: 'pong', id: '1' }] });
    const other = await talk(page, `ws://127.0.0.1:${server.port}/v1/ws`, { protocols });
    assert.equal(other.code, 1006);
    const wrong = await talk(page, `ws://${host}:${server.port}/v1/ws`, {
      protocols: ['reverie.v1', `reverie.token.${tokenOf('wrong')}`],
    });
    assert.equal(wrong.code, 1006);
  });
});
