// Performs random actions of several Osaurus servers in a process of its own.
//
// Run as a process with a base directory, a seed and the first port it may use; each number it is sent is so many
// things to do, after which it says 'done'. Its servers are real ones, so that SIGKILL ends them as a crash does.
'use strict'

const { randomUUID } = require('node:crypto')
const { once } = require('node:events')
const fs = require('node:fs')
const net = require('node:net')
const path = require('node:path')
const { setTimeout: delay } = require('node:timers/promises')
const { Random } = require('./random.js')
const { FILE } = require('./runtime-directory.js')
const { publish } = require('./watch-publisher.js')

const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 26\r\n\r\nOsaurus Server is running!'

class ServerFamily {
  /** The running servers. @type {Map<string, { port: number, server: net.Server, sockets: Set<net.Socket> }>} */
  members = new Map()

  /**
   * @param {string} baseDir
   * @param {InstanceType<typeof Random>} random
   * @param {number} port the next to use
   */
  constructor(baseDir, random, port) {
    this.baseDir = baseDir
    this.random = random
    this.port = port
  }

  /** @param {string} id @param {Record<string, unknown>} [fields] */
  publish(id, fields = {}) {
    const now = new Date().toISOString().replace(/\.\d+/, '')
    publish(this.baseDir, id, { updatedAt: now, ...fields })
  }

  /** @param {string} id @param {boolean} [exposeToNetwork] */
  publishRunning(id, exposeToNetwork = false) {
    const { port } = this.members.get(id) ?? { port: 1 }
    const address = exposeToNetwork ? '192.0.2.1' : '127.0.0.1'
    this.publish(id, { port, address, url: `http://${address}:${port}`, exposeToNetwork })
  }

  /** @param {string} id @param {string} health */
  publishHealth(id, health) {
    this.publish(id, {
      health,
      port: undefined,
      address: undefined,
      url: undefined,
      exposeToNetwork: undefined,
    })
  }

  /** @param {string} id */
  async listen(id) {
    /** @type {Set<net.Socket>} */
    const sockets = new Set()
    const server = net.createServer((socket) => {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket)).on('error', () => {})
      socket.once('data', () => socket.end(ANSWER))
    })
    for (;;) {
      const port = this.port++
      server.listen(port, '127.0.0.1')
      const taken = await Promise.race([
        once(server, 'listening').then(() => false),
        once(server, 'error').then(() => true),
      ]).catch(() => true)
      if (taken) continue
      this.members.set(id, { port, server, sockets })
      return
    }
  }

  /** Ends a server as a crash does. @param {string} id */
  down(id) {
    const member = this.members.get(id)
    member?.server.close()
    for (const socket of member?.sockets ?? []) socket.destroy()
    this.members.delete(id)
  }

  any() {
    const ids = [...this.members.keys()]
    return ids.length ? this.random.pick(ids) : undefined
  }

  async start() {
    const id = randomUUID().toUpperCase()
    if (this.random.chance(0.5)) this.publishHealth(id, 'starting')
    if (this.random.chance(0.3)) await delay(this.random.below(5))
    await this.listen(id)
    this.publishRunning(id)
  }

  async restart() {
    const id = this.any()
    if (!id) return
    this.publishHealth(id, 'restarting')
    this.down(id)
    if (this.random.chance(0.3)) await delay(this.random.below(30))
    await this.listen(id)
    this.publishRunning(id)
  }

  update() {
    const id = this.any()
    if (id) this.publishRunning(id, this.random.chance(0.5))
  }

  crash() {
    const id = this.any()
    if (id) this.down(id)
  }

  quit() {
    const id = this.any()
    if (!id) return
    fs.rmSync(path.join(this.baseDir, id), { recursive: true, force: true })
    this.down(id)
  }

  /** Removes a directory at random, as a user does who cleans up after crashes. */
  clear() {
    const names = fs.existsSync(this.baseDir) ? fs.readdirSync(this.baseDir) : []
    if (names.length)
      fs.rmSync(path.join(this.baseDir, this.random.pick(names)), { recursive: true, force: true })
  }

  touch() {
    const id = this.any()
    const file = path.join(this.baseDir, id ?? '', FILE)
    if (id && fs.existsSync(file))
      fs.utimesSync(this.random.chance(0.5) ? file : path.dirname(file), new Date(), new Date())
  }

  /** Creates entries that are not instances, or incomplete ones. */
  litter() {
    const name = path.join(this.baseDir, `LITTER-${this.random.below(5)}`)
    fs.rmSync(name, { recursive: true, force: true })
    if (this.random.chance(0.5)) fs.mkdirSync(name, { recursive: true })
    if (this.random.chance(0.5) && fs.existsSync(name)) fs.writeFileSync(path.join(name, FILE), '{"health":')
  }

  /** Moves the directory away for a while and back. */
  async away() {
    if (!fs.existsSync(this.baseDir)) return
    fs.renameSync(this.baseDir, `${this.baseDir}-away`)
    await delay(this.random.below(30))
    fs.rmSync(this.baseDir, { recursive: true, force: true })
    fs.renameSync(`${this.baseDir}-away`, this.baseDir)
  }

  removeAll() {
    fs.rmSync(this.baseDir, { recursive: true, force: true })
  }

  /** Performs one action; likely ones more often. */
  async act() {
    const dice = this.random.below(100)
    if (dice < 25) await this.start()
    else if (dice < 45) this.update()
    else if (dice < 60) await this.restart()
    else if (dice < 70) this.crash()
    else if (dice < 80) this.quit()
    else if (dice < 87) this.clear()
    else if (dice < 92) this.touch()
    else if (dice < 97) this.litter()
    else if (dice < 99) await this.away()
    else this.removeAll()
    if (this.members.size > 12) this.quit()
    // Mostly without a pause, sometimes with one around the watcher's debounce interval.
    if (this.random.chance(0.1)) await delay(this.random.below(60))
  }
}

async function main() {
  const [baseDir, seed, port] = process.argv.slice(2)
  const family = new ServerFamily(baseDir, new Random(Number(seed)), Number(port))
  process.on('message', async (/** @type {number} */ count) => {
    for (let i = 0; i < count; i++) await family.act()
    process.send?.('done')
  })
  process.on('disconnect', () => process.exit())
  process.send?.('ready')
}

if (require.main === module) main()
