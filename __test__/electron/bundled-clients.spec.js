// Tests that openai and the AI SDK run inside a page, bundled by Vite, through window.osaurus.fetch.
'use strict'

const assert = require('node:assert/strict')
const path = require('node:path')
const { after, before, describe, test } = require('node:test')

const { eventually } = require('../support/measure.js')
const { start } = require('../support/fake/start.js')
const { closeScreen, makeHome, startApp } = require('../support/electron/start.js')
const { major } = require('../support/electron/version.js')
const { openWindow, register } = require('../support/electron/windows.js')

const SOURCE = path.join(__dirname, '..', 'fixtures', 'electron', 'bundled-page')
const STORY = 'and then '.repeat(2000)

/** @type {Record<string, string>} */
let files = {}

/** Bundles the page as an app's build does. */
async function bundle() {
  const { build } = /** @type {any} */ (await import('vite'))
  const { output } = await build({
    root: SOURCE,
    base: './',
    configFile: false,
    logLevel: 'error',
    build: { write: false, target: 'chrome108', modulePreload: false },
  })
  const texts = output.map((/** @type {any} */ { fileName, code, source }) => [
    fileName,
    code ?? String(source),
  ])
  return Object.fromEntries(texts)
}

/** @param {import('node:test').TestContext} t @param {import('osaurus-discovery/testing').FakeOsaurusOptions} [options] */
async function startPage(t, options) {
  const { home, baseDir } = makeHome(t)
  const fake = await start(t, { baseDir, ...options })
  const app = await startApp(t, { home, files })
  // A busy machine must not make a running server look dead.
  const discover = { probeTimeoutMs: 10_000 }
  await register(app, { discover, fetch: { waitMs: 20_000, accessKey: 'osk-v1-test' } })
  const directory = await app.main(({ electron }) => electron.app.getAppPath())
  await openWindow(app, { url: `file://${directory}/index.html` })
  await eventually(() => app.page(() => 'clients' in window), 'the bundle')
  return { app, fake }
}

/**
 * Streams an answer in the page, and may abort after the first text. Resolves with the whole text, and the error if there is one.
 * @param {{ client: string, prompt: string, then?: string }} chat
 */
async function streamInPage({ client, prompt, then }) {
  const controller = new AbortController()
  let text = ''
  let parts = 0
  try {
    for await (const part of /** @type {any} */ (window).clients[client].stream(prompt, controller.signal)) {
      text += part
      parts += part === '' ? 0 : 1
      if (then === 'abort' && parts === 1) controller.abort()
    }
  } catch (error) {
    const codes = []
    for (let each = /** @type {any} */ (error); each; each = each.cause) codes.push(each.code)
    return { text, parts, error: String(error), codes }
  }
  return { text, parts }
}

const skip = major < 22 && 'the client libraries need a newer Chromium than that of Electron 9'

describe('client libraries in a page', { skip }, () => {
  before(async () => void (files = await bundle()))
  after(closeScreen)

  for (const client of ['openai', 'the AI SDK']) {
    test(`${client} streams word by word, calls a tool, and embeds`, async (t) => {
      const { app } = await startPage(t)
      const { text, parts } = await app.page(streamInPage, { client, prompt: 'Hello' })
      assert.match(text, /^Hello from the fake Osaurus\. This answer is canned\.$/)
      assert.ok(parts > 3, `${parts} parts`)
      const tool = await app.page(
        (client) => /** @type {any} */ (window).clients[client].tool('What is the weather in Berlin?'),
        client,
      )
      assert.equal(tool, 'weather')
      if (client === 'openai') {
        const lengths = await app.page(() => /** @type {any} */ (window).clients.openai.embed(['one', 'two']))
        assert.ok(lengths.length === 2 && lengths[0] > 0 && lengths[0] === lengths[1])
        assert.equal((await app.page(() => /** @type {any} */ (window).clients.openai.models())).length, 1)
      }
      assert.deepEqual(app.pageErrors, [])
    })

    test(`${client} stops at the server when its signal is aborted`, async (t) => {
      const { app, fake } = await startPage(t, { answer: () => STORY, wordDelayMs: 5 })
      const { text, error } = await app.page(streamInPage, { client, prompt: 'Hello', then: 'abort' })
      // openai ends its iteration without an error.
      assert.match(error ?? 'aborted', /abort/i)
      assert.ok(text.length < 1000)
      await eventually(() => fake.requests.at(-1)?.aborted === true, 'the server sees the abort')
    })

    test(`${client} goes on after a restart on another port, and with an exposed server`, async (t) => {
      const { app, fake } = await startPage(t)
      for (let i = 0; i < 2; i++) {
        await fake.crash()
        await fake.relaunch({ port: 0 })
        const { text } = await app.page(streamInPage, { client, prompt: 'Hello' })
        assert.match(text, /^Hello from the fake/)
      }
      await fake.setExposed(true)
      const { text, error } = await app.page(streamInPage, { client, prompt: 'Hello' })
      assert.equal(error, undefined)
      assert.match(text, /^Hello from the fake/)
      assert.equal(fake.requests.at(-1)?.headers.authorization, 'Bearer osk-v1-test')
    })

    test(`${client} reports an answer that was cut off by a crash`, async (t) => {
      const { app, fake } = await startPage(t, { answer: () => STORY, wordDelayMs: 5 })
      const outcome = app.page(streamInPage, { client, prompt: 'Hello' })
      await eventually(() => fake.requests.at(-1)?.url === '/v1/chat/completions', 'the request')
      await new Promise((resolve) => setTimeout(resolve, 300))
      await fake.crash()
      const { text, error, codes } = await outcome
      assert.ok(codes?.includes('OSAURUS_CONNECTION_LOST'), error)
      assert.ok(text.length > 0 && text.length < STORY.length)
    })
  }
})
