// Tests that `npm run demo:electron` shows the example beside a fake Osaurus and leaves nothing behind.
'use strict'

const assert = require('node:assert/strict')
const { spawn } = require('node:child_process')
const { once } = require('node:events')
const fs = require('node:fs')
const path = require('node:path')
const { after } = require('node:test')

const { CTRL_C, shellInTerminal } = require('../support/cli/terminal.js')
const { testOnLinux } = require('../support/on-linux.js')
const { temporaryDirectory } = require('../support/temporary-directory.js')
const { closeScreen, display } = require('../support/electron/launch.js')
const { eventually } = require('../support/measure.js')

const DEMO = 'npm run --silent demo:electron'

after(closeScreen)

/**
 * Creates the temporary directory of a demo and reads what its window shows.
 * @param {import('node:test').TestContext} t
 */
async function prepareDemo(t) {
  const directory = temporaryDirectory(t)
  const temporary = path.join(directory, 'temporary')
  fs.mkdirSync(temporary)
  const seen = path.join(directory, 'window.json')
  const env = {
    ...(await display()),
    TMPDIR: temporary,
    WINDOW_TEXT: seen,
    NODE_OPTIONS: `--require ${path.join(__dirname, '..', 'support', 'electron', 'window-text.js')}`,
    npm_config_update_notifier: 'false',
  }
  /** @returns {{ pid: number, text: string }} */
  const readWindow = () =>
    fs.existsSync(seen) ? JSON.parse(fs.readFileSync(seen, 'utf8')) : { pid: 0, text: '' }
  return { env, temporary, readWindow }
}

/** The processes of a session. A demo and everything it starts share one. @param {number} session */
function processesOf(session) {
  return fs.readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && sessionOf(Number(pid)) === session)
}

/** @param {number} pid @returns {number | null} null if the process has ended */
function sessionOf(pid) {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8')
    // Everything after the program's name, which may contain any character.
    const [state, , , session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return state === 'Z' ? null : Number(session)
  } catch {
    return null
  }
}

/** @param {number | null} session @param {string} temporary */
async function assertNothingIsLeft(session, temporary) {
  assert.ok(session)
  await eventually(() => processesOf(session).length === 0, 'the end of all its processes')
  assert.deepEqual(fs.readdirSync(temporary), [])
}

testOnLinux('the demo follows the keys of its terminal, and Ctrl-C ends it without a trace', async (t) => {
  const { env, temporary, readWindow } = await prepareDemo(t)
  const terminal = shellInTerminal(t, DEMO, { columns: 120, env })
  await terminal.until(/A fake Osaurus runs at http\S+,/)
  /** @param {string} text */
  const shows = (text) => eventually(() => readWindow().text.includes(text), text)
  await shows('Osaurus is running')
  await shows('gemma-3-4b-it')
  const session = sessionOf(readWindow().pid)
  await terminal.until(/x {2}end the demo/)
  terminal.type('c')
  await shows('Osaurus is not answering')
  terminal.type('r')
  await shows('Osaurus is running')
  terminal.type(CTRL_C)
  assert.equal((await terminal.ended()).code, 0)
  await assertNothingIsLeft(session, temporary)
})

for (const [
  moment,
  come,
] of /** @type {Array<[string, (readWindow: () => { text: string }, temporary: string) => unknown]>} */ ([
  ['before its window opens', (_readWindow, temporary) => fs.readdirSync(temporary).length > 0],
  [
    'while its window shows a running Osaurus',
    (readWindow) => readWindow().text.includes('Osaurus is running'),
  ],
]))
  testOnLinux(`the demo ends without a trace when it is interrupted ${moment}`, async (t) => {
    const { env, temporary, readWindow } = await prepareDemo(t)
    const child = spawn(DEMO, {
      shell: true,
      detached: true,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const group = /** @type {number} */ (child.pid)
    t.after(() => {
      if (processesOf(group).length > 0) process.kill(-group, 'SIGKILL')
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data))
    const ended = once(child, 'close')
    await eventually(() => come(readWindow, temporary), moment)
    process.kill(-group, 'SIGINT') // Signals the whole group, as a terminal does.
    await ended
    assert.doesNotMatch(output, /Error/)
    await assertNothingIsLeft(group, temporary)
  })
