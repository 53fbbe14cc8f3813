// Changes a runtime directory from another process while a test reads it.
//
// Run as a process: node background-writer.js replace|churn <baseDir>. It prints "ready" when it has started, continues until
// its stdin ends, and then prints how many rounds it has done.
'use strict'

const { spawn } = require('node:child_process')
const { once } = require('node:events')
const fs = require('node:fs')
const path = require('node:path')
const { RUNNING, osaurusText } = require('./runtime-directory.js')

/** @type {Record<string, (baseDir: string) => (round: number) => void>} */
const WORK = {
  /** Publishes one instance repeatedly, as Osaurus does: a temporary file, renamed over the old one. */
  replace(baseDir) {
    const dir = path.join(baseDir, RUNNING.instanceId)
    const file = path.join(dir, 'configuration.json')
    const temporary = path.join(dir, '.configuration.json.new')
    return (round) => {
      const port = 1 + (round % 65535)
      const text = osaurusText({ ...RUNNING, port, url: `http://127.0.0.1:${port}` })
      fs.writeFileSync(temporary, text)
      fs.renameSync(temporary, file)
      const now = Date.now() / 1000
      fs.utimesSync(dir, now, now)
    }
  },

  /** Creates and removes other instances with their directories and files, as when Osaurus starts and quits. */
  churn(baseDir) {
    return (round) => {
      const instanceId = `CHURN-${round % 50}`
      const dir = path.join(baseDir, instanceId)
      if (round % 100 < 50) {
        fs.mkdirSync(dir, { recursive: true })
        const text = osaurusText({ ...RUNNING, instanceId, updatedAt: '2025-01-01T00:00:00Z' })
        fs.writeFileSync(path.join(dir, 'configuration.json'), text)
      } else {
        fs.rmSync(dir, { recursive: true, force: true })
      }
    }
  },
}

/**
 * Starts a background writer and stops it with the test.
 * @param {keyof typeof WORK} work
 * @param {string} baseDir
 * @param {{ after(fn: () => unknown): void }} t the test
 */
async function startBackgroundWriter(work, baseDir, t) {
  const child = spawn(process.execPath, [__filename, work, baseDir], { stdio: ['pipe', 'pipe', 'inherit'] })
  t.after(() => child.kill('SIGKILL'))
  const exited = once(child, 'exit')
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text) => (output += text))
  await once(child.stdout, 'data')
  return {
    /** Stops it and returns the number of rounds. */
    async stop() {
      child.stdin.end()
      const [code] = await exited
      if (code !== 0) throw new Error(`the background writer exited with ${code}`)
      return Number(output.trim().split('\n').at(-1))
    },
  }
}

function main() {
  const [work, baseDir] = process.argv.slice(2)
  const step = WORK[work](baseDir)
  let round = 0
  let ended = false
  process.stdin.resume().on('end', () => (ended = true))
  const turn = () => {
    for (let i = 0; i < 100; i++) step(round++)
    if (round === 100) process.stdout.write('ready\n')
    if (!ended) return setImmediate(turn)
    process.stdout.write(`${round}\n`)
  }
  turn()
}

if (require.main === module) main()

module.exports = { startBackgroundWriter }
