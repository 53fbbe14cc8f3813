// Measures window.osaurus.fetch in a page of a real Electron against the page's own fetch.
//
//   node bench/page.js [--quick]
//
// Writes bench/results/page.json.
'use strict'

const { execFile } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { promisify } = require('node:util')

const { installElectron, startScreen } = require('../scripts/electron.js')
const { startServer } = require('./fetch.js')
const { makeRuntime } = require('./runtime.js')

/** Not `page`: Electron would resolve that to this file. */
const APP = path.join(__dirname, 'page-app')
const LARGE = 64 * 2 ** 20
const RESULTS = path.join(__dirname, 'results')

/**
 * @param {{ quick: boolean, log: (line: string) => void }} options
 */
async function measurePage({ quick, log }) {
  log('page: requests in Electron')
  const electron = await installElectron()
  const screen = process.platform === 'linux' ? await startScreen() : undefined
  const server = await startServer()
  const baseDir = makeRuntime([server.port])
  const data = fs.mkdtempSync(path.join(os.tmpdir(), 'osaurus-bench-'))
  try {
    const options = {
      baseDir,
      origin: `http://127.0.0.1:${server.port}`,
      large: LARGE,
      seconds: quick ? 1 : 8,
    }
    const args = ['--no-sandbox', `--user-data-dir=${data}`, APP, JSON.stringify(options)]
    const env = { ...process.env, ...(screen && { DISPLAY: screen.display }), NODE_OPTIONS: '' }
    const { stdout } = await promisify(execFile)(electron, args, { env })
    const { electron: version, small, large, unreadMiB } = JSON.parse(stdout.slice(stdout.indexOf('{')))
    const ratios = {
      smallOverOwn: small.osaurus.median / small.own.median,
      largeOverOwn: large.osaurus.median / large.own.median,
      unreadMiB,
    }
    const speeds = { own: LARGE / large.own.median, osaurus: LARGE / large.osaurus.median }
    return { electron: version, small, large, megabytesPerSecond: speeds, ratios }
  } finally {
    await server.stop()
    if (screen) screen.stop()
    for (const directory of [baseDir, data]) fs.rmSync(directory, { recursive: true, force: true })
  }
}

module.exports = { measurePage }

if (require.main === module)
  measurePage({ quick: process.argv.includes('--quick'), log: console.error }).then((result) => {
    const text = `${JSON.stringify(result, null, 2)}\n`
    fs.mkdirSync(RESULTS, { recursive: true })
    fs.writeFileSync(path.join(RESULTS, 'page.json'), text)
    console.log(text)
  })
