// Shows the example app beside a fake Osaurus, which the keys of this terminal start, crash and expose.
'use strict'

const { spawn } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')

const { createFakeAccessKey, startFakeOsaurus } = require('../testing.js')
const { installElectron } = require('./electron.js')
const { stageApp } = require('./stage-app.js')

const KEYS = `
  s  start          c  crash            e  expose to the network, and back
  q  quit properly  r  relaunch         h  hang, and go on
  x  end the demo
`

/** What its models say. */
const ANSWER =
  'I am a fake Osaurus, so I know only this sentence, which comes word by word as it would from a model.'

/** @typedef {Awaited<ReturnType<typeof startFakeOsaurus>>} FakeOsaurus */

async function main() {
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY)
    throw new Error(
      'No screen to show a window on: DISPLAY is not set. Without a screen, run `xvfb-run npm run demo:electron`',
    )
  const program = await installElectron()
  // Ctrl-C may come before the window opens, and twice: from the terminal and from npm.
  /** @type {() => void} */
  let end = () => process.exit()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => end())
  // A separate home directory keeps the real one, and a real Osaurus in it, untouched.
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'osaurus-demo-'))
  // Chromium's last processes may still be writing into it.
  process.once('exit', () => fs.rmSync(home, { recursive: true, force: true, maxRetries: 5 }))
  const app = path.join(home, 'app')
  stageApp(path.join(__dirname, '..', 'examples', 'electron-app'), app)

  const osaurus = createOsaurus(path.join(home, '.osaurus', 'runtime'))
  await osaurus.s()
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [] // Chromium's own rule.
  const window = spawn(program, [...asRoot, `--user-data-dir=${path.join(home, 'data')}`, app], {
    env: { ...process.env, HOME: home, USERPROFILE: home },
    stdio: ['ignore', 'ignore', 'ignore'],
  })
  window.once('exit', async () => {
    await osaurus.q()
    process.exit()
  })
  end = () => void window.kill()

  console.log(
    `A fake Osaurus runs at ${osaurus.url()}, and the example app shows it. Close its window to end.`,
  )
  if (!process.stdin.isTTY) return
  console.log(`${KEYS}\nIts access key, while it is exposed: ${osaurus.accessKey}`)
  process.stdin.setRawMode(true)
  process.stdin.on('data', async (data) => {
    const key = data.toString()
    if (key === 'x' || key === '\u0003') end()
    else await osaurus.press(key).catch((error) => console.log(error.message))
  })
}

/** Runs one fake Osaurus after another, controlled by keys. @param {string} baseDir */
function createOsaurus(baseDir) {
  /** @type {FakeOsaurus | null} */
  let fake = null
  let exposed = false
  let hung = false
  const accessKey = createFakeAccessKey({ label: 'Demo' })
  const options = {
    baseDir,
    models: ['llama-3.2-3b-instruct', 'qwen3-8b-mlx-4bit', 'gemma-3-4b-it', 'foundation'],
    accessKeys: [accessKey],
    wordDelayMs: 120, // Slow enough to be stopped, or cut off by a crash.
    answer: (/** @type {any} */ { messages }) => `${ANSWER} You asked: ${messages.at(-1).content}`,
  }

  const actions = {
    async s() {
      if (fake) return
      fake = await startFakeOsaurus({ ...options, health: 'starting' })
      await new Promise((resolve) => setTimeout(resolve, 1500)) // Long enough to be seen.
      await fake.setHealth('running')
    },
    async q() {
      const leaving = fake
      fake = null
      exposed = hung = false
      await leaving?.stop()
    },
    c: async () => fake?.crash(),
    r: async () => fake?.relaunch(),
    async e() {
      await fake?.setExposed((exposed = !exposed))
    },
    async h() {
      hung = !hung
      if (hung) fake?.suspend()
      else fake?.resume()
    },
  }
  return {
    ...actions,
    accessKey,
    url: () => fake?.url,
    /** @param {string} key */
    async press(key) {
      if (Object.hasOwn(actions, key)) await actions[/** @type {keyof typeof actions} */ (key)]()
    },
  }
}

main().catch((error) => {
  console.error(error.message)
  process.exit(1)
})
