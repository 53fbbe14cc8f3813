// Runs an Osaurus stand-in in its own process, publishes it, and counts what reached it even if it was killed.
'use strict'

const { execFileSync, fork } = require('node:child_process')
const { once } = require('node:events')
const fs = require('node:fs')
const path = require('node:path')
const { eventually } = require('../measure.js')
const { temporaryDirectory } = require('../temporary-directory.js')
const { publish, withdraw } = require('../watch-publisher.js')

const FIXTURES = path.join(__dirname, '..', '..', 'fixtures', 'fetch')
const SCRIPT = path.join(FIXTURES, 'server.js')
const TAKE_PORT = path.join(FIXTURES, 'take-port.js')

/** @typedef {{ url: string, complete: boolean }} Closed a response that ended, or whose connection did */

class ServerProcess {
  /** @type {import('node:child_process').ChildProcess | undefined} */
  #child
  #launches = 0
  /** @type {Closed[]} */
  closed = []
  /** Since the last start. */
  connections = 0
  port = 0

  /** @param {string} directory of the test */
  constructor(directory) {
    this.baseDir = path.join(directory, 'runtime')
    this.log = path.join(directory, 'requests.log')
    fs.mkdirSync(this.baseDir)
    fs.writeFileSync(this.log, '')
  }

  /**
   * Starts the server and publishes it as a new launch. A killed one leaves its file behind.
   * @param {number} [port] default: any free one
   */
  async start(port = 0) {
    const child = fork(SCRIPT, [String(port), this.log])
    this.#child = child
    this.connections = 0
    child.on('message', (/** @type {any} */ message) => {
      if (message.connections) this.connections = message.connections
      else if (message.closed) this.closed.push({ url: message.closed, complete: message.complete })
    })
    for (;;) {
      const [message] = await once(child, 'message')
      if (!message.port) continue
      this.port = message.port
      break
    }
    this.publish()
  }

  publish() {
    const { port } = this
    const updatedAt = new Date(Date.UTC(2026, 0, 1) + ++this.#launches * 1000).toISOString()
    publish(this.baseDir, `LAUNCH-${this.#launches}`, { port, url: `http://127.0.0.1:${port}`, updatedAt })
  }

  /** Removes what the last launch published. */
  withdraw() {
    withdraw(this.baseDir, `LAUNCH-${this.#launches}`)
  }

  /** @param {NodeJS.Signals} [signal] resolves once the process has ended, unless it only stops it */
  async kill(signal = 'SIGKILL') {
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill(signal)
    if (signal === 'SIGKILL') await exited
  }

  get pid() {
    return /** @type {number} */ (this.#child?.pid)
  }

  /** Requests that arrived, over all launches; those of probes are left out. */
  requests() {
    const lines = fs.readFileSync(this.log, 'utf8').split('\n').filter(Boolean)
    return lines.filter((line) => line !== 'GET /')
  }

  probes() {
    return fs
      .readFileSync(this.log, 'utf8')
      .split('\n')
      .filter((line) => line === 'GET /').length
  }

  /** Waits until a request has arrived. @param {string} line such as `GET /hang` */
  arrival(line) {
    return eventually(() => this.requests().includes(line), `arrival of ${line}`)
  }

  /** Waits until the connection of a request was closed before its response was complete. @param {string} url */
  abortion(url) {
    return eventually(
      () => this.closed.some((each) => each.url === url && !each.complete),
      `the end of ${url}`,
    )
  }
}

/**
 * Stopped after the test.
 * @param {import('node:test').TestContext} t
 * @param {{ running?: boolean }} [options]
 */
async function startServer(t, { running = true } = {}) {
  // Hooks run in the order of their registration, and a server in its directory has to end first.
  /** @type {ServerProcess | undefined} */
  let server = undefined
  t.after(() => server?.kill())
  server = new ServerProcess(temporaryDirectory(t))
  if (running) await server.start()
  return server
}

/**
 * Kills the server and has another program listen on its port, without a turn of the event loop.
 * @param {import('node:test').TestContext} t
 * @param {ServerProcess} server
 */
function takePort(t, server) {
  // Hooks run in the order of their registration, and the program has to end before its directory is removed.
  let pid = 0
  t.after(() => pid > 0 && process.kill(pid, 'SIGKILL'))
  const log = path.join(temporaryDirectory(t), 'received')
  fs.writeFileSync(log, '')
  execFileSync(process.execPath, [TAKE_PORT, 'take', String(server.port), log, String(server.pid)])
  pid = Number(fs.readFileSync(`${log}.pid`, 'utf8'))
  return { received: () => fs.readFileSync(log, 'latin1') }
}

module.exports = { ServerProcess, startServer, takePort }
