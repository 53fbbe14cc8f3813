// Tests docs/chat-in-a-page.md and the README's chat: their files run as written, in a real Electron.
'use strict'

const assert = require('node:assert/strict')
const { spawn } = require('node:child_process')
const { once } = require('node:events')
const fs = require('node:fs')
const path = require('node:path')
const { after, test } = require('node:test')

const esbuild = require('esbuild')
const { installElectron } = require('../../scripts/electron.js')
const { start } = require('../support/fake/start.js')
const { eventually } = require('../support/measure.js')
const { display } = require('../support/electron/launch.js')
const { closeScreen, makeHome, stage, startApp } = require('../support/electron/start.js')
const { major } = require('../support/electron/version.js')
const { openWindow } = require('../support/electron/windows.js')

const PROJECT = path.join(__dirname, '..', '..')
const EXAMPLE = path.join(PROJECT, 'examples', 'chat-in-a-page')

after(closeScreen)

/**
 * The snippets below one heading, by the file name in their first line.
 * @param {string} page @param {string} heading
 * @returns {Record<string, string>}
 */
function snippetsOf(page, heading) {
  const text = fs.readFileSync(path.join(PROJECT, page), 'utf8')
  const section = text.split(/^## /m).find((each) => each.startsWith(`${heading}\n`))
  assert.ok(section, `${page} has no heading ${heading}`)
  const found = [...section.matchAll(/^```\w+\n((?:\/\/|<!--) (\S+)(?: -->)?\n[^]*?)^```$/gm)]
  assert.ok(found.length > 0, heading)
  return Object.fromEntries(found.map(([, code, name]) => [name, code]))
}

const FIRST = snippetsOf('README.md', 'Chat in a page')

test('the README and the page begin with the same app', () => {
  assert.deepEqual(Object.keys(FIRST), ['main.js', 'index.html', 'chat.js'])
  assert.deepEqual(snippetsOf('docs/chat-in-a-page.md', 'From nothing'), FIRST)
})

test('the other snippets are the files of examples/chat-in-a-page', () => {
  const shown = {
    ...snippetsOf('docs/chat-in-a-page.md', 'Stop, restart and the access key'),
    ...snippetsOf('docs/chat-in-a-page.md', 'An end-to-end test'),
  }
  assert.deepEqual(Object.keys(shown), ['main.js', 'index.html', 'chat.js', 'chat.e2e.js'])
  for (const [name, code] of Object.entries(shown)) {
    const file = fs.readFileSync(path.join(EXAMPLE, name), 'utf8')
    const withoutHeader = file.replace(/^\/\/ .*\n'use strict'\n\n/, '')
    assert.equal(code.slice(code.indexOf('\n') + 1), withoutHeader, name)
  }
})

test("the README's app streams an answer, and reports a missing server, key or model", async (t) => {
  const { home, baseDir } = makeHome(t)
  const { 'main.js': main, ...files } = FIRST
  const app = await startApp(t, { home, main, files })
  const ask = () =>
    app.page(() => {
      const form = /** @type {HTMLFormElement} */ (document.querySelector('form'))
      const [question] = /** @type {any} */ (form.elements)
      question.value = 'Hello'
      form.dispatchEvent(new Event('submit', { cancelable: true }))
    })
  const answer = () => app.page(() => document.querySelector('p')?.textContent ?? '')
  await eventually(() =>
    app.page(() => document.readyState === 'complete' && 'osaurus' in window).catch(() => false),
  )
  await ask()
  await eventually(async () => /Osaurus not found/.test(await answer()), 'the reason')

  const words = 'one two three four five six seven eight'
  const fake = await start(t, { baseDir, answer: () => words, wordDelayMs: 300 })
  await ask()
  await eventually(async () => {
    const text = await answer()
    // A busy machine may take longer than a probe: then a user asks again.
    if (/^Osaurus is/.test(text)) await ask()
    return /^one/.test(text) && !/eight/.test(text)
  }, 'the middle')
  await eventually(async () => (await answer()) === words, 'the end')

  /** @param {RegExp} reason */
  const untilAnswer = (reason) =>
    eventually(async () => {
      const text = await answer()
      if (/^Osaurus is/.test(text)) await ask()
      return reason.test(text)
    }, String(reason))
  await fake.setExposed(true)
  await ask()
  await untilAnswer(/^Osaurus answered 401: .*access key/)
  await fake.stop()
  await start(t, { baseDir, models: [] })
  await ask()
  await untilAnswer(/^Osaurus has no model yet/)
})

test(
  'the end-to-end test of the example passes, and finds a chat that does not stream',
  { skip: major < 31 && 'the testing kit needs Node.js 20.12' },
  async (t) => {
    const { home } = makeHome(t)
    const directory = path.join(home, 'app')
    fs.cpSync(stage(EXAMPLE), directory, { recursive: true })
    assert.deepEqual(await runEndToEnd(directory, home), { output: 'passed', code: 0 })

    const page = path.join(directory, 'chat.js')
    const broken = fs.readFileSync(page, 'utf8').replace('stream: true', 'stream: false')
    fs.writeFileSync(page, broken)
    const { output, code } = await runEndToEnd(directory, home)
    assert.match(output, /Timed out waiting for: once upon/)
    assert.equal(code, 1)
  },
)

/** @param {string} directory @param {string} home */
async function runEndToEnd(directory, home) {
  const child = spawn(await installElectron(), ['--no-sandbox', 'chat.e2e.js'], {
    cwd: directory,
    env: { ...process.env, ...(await display()), HOME: home, XDG_CONFIG_HOME: path.join(home, '.config') },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...{ timeout: 60_000, killSignal: 'SIGKILL' },
  })
  let output = ''
  let errors = ''
  child.stdout.on('data', (data) => (output += data))
  child.stderr.on('data', (data) => (errors += data))
  const [code] = await once(child, 'close')
  return { output: output.trim() || errors, code }
}

test('routes.js allows what it says, and nothing more', async (t) => {
  const { home, baseDir } = makeHome(t)
  await start(t, { baseDir })
  const main = snippetsOf('docs/chat-in-a-page.md', 'What a page may request')['routes.js']
  const app = await startApp(t, { home, main })
  await openWindow(app)
  const statuses = await app.page(async () => {
    const paths = ['/agents', '/v1/agents', '/agents/unknown', '/plugins/notes/list', '/mcp/tools']
    const outcome = (/** @type {string} */ path) =>
      window.osaurus.fetch(path).then(
        ({ status }) => status,
        ({ code }) => code,
      )
    return Promise.all(paths.map(outcome))
  })
  assert.deepEqual(statuses.slice(0, 3), [200, 200, 404])
  assert.equal(typeof statuses[3], 'number')
  assert.equal(statuses[4], 'OSAURUS_ROUTE_NOT_ALLOWED')
})

test(
  'libraries.mjs, bundled, talks to Osaurus from the page',
  { skip: major < 22 && 'the client libraries need a newer Chromium than that of Electron 9' },
  async (t) => {
    const { home, baseDir } = makeHome(t)
    await start(t, { baseDir })
    const main = FIRST['main.js'].replace('index.html', 'page.html')
    const source = snippetsOf('docs/chat-in-a-page.md', 'openai and the AI SDK')['libraries.mjs']
    const { outputFiles } = esbuild.buildSync({
      stdin: { contents: source, resolveDir: PROJECT },
      ...{ bundle: true, write: false, format: 'iife', globalName: 'libraries' },
    })
    const files = {
      'libraries.js': outputFiles[0].text,
      'page.html': '<!doctype html><script src="libraries.js"></script>',
    }
    const app = await startApp(t, { home, main, files })
    await eventually(() => app.page(() => 'libraries' in window).catch(() => false), 'the script')
    const ids = await app.page(async () => {
      const { openai, osaurus } = /** @type {any} */ (window).libraries
      const [{ id }] = (await openai.models.list()).data
      return [id, osaurus(id).modelId]
    })
    assert.equal(ids[0], ids[1])
  },
)
