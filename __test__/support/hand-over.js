// Starts a server that answers as Osaurus until another program takes its port in the middle of a probe.
'use strict'

require('./no-fallback.js')
const { once } = require('node:events')
const http = require('node:http')
const { setTimeout: delay } = require('node:timers/promises')
const { anotherServer } = require('./stub-servers.js')

const BANNER = 'Osaurus Server is running! 🦕'

/** How long the other program has the port before the probe is answered: long enough to connect to it. */
const PAUSE_MS = 100

/**
 * Starts a server whose port another program takes while it answers a request: when the answer goes out, all other connections
 * to the server have ended and new ones reach the other program.
 * @param {import('node:test').TestContext} t
 * @param {object} [options]
 * @param {number} [options.port] default: a free one
 * @param {number} [options.request] which request that is: 1, the default, is the first
 * @param {number[]} [options.unanswered] requests that are left without an answer for a second
 */
async function startHandOver(t, { port = 0, request: last = 1, unanswered = [] } = {}) {
  let requests = 0
  /** @type {Set<import('node:net').Socket>} */
  const sockets = new Set()
  /** @type {import('./stub-servers.js').StubServer | undefined} */
  let other
  const server = http.createServer(async (request, response) => {
    const number = ++requests
    if (number === last) {
      server.close()
      for (const socket of sockets) if (socket !== request.socket) socket.destroy()
      other = await anotherServer({ port })
      await delay(PAUSE_MS)
    }
    if (unanswered.includes(number)) await delay(1000)
    response.setHeader('Content-Type', 'text/plain').end(BANNER)
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  t.after(async () => {
    if (server.listening) server.close()
    server.closeAllConnections()
    await other?.stop()
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  port = /** @type {import('node:net').AddressInfo} */ (server.address()).port
  return {
    port,
    /** Whether the other program has the port. */
    get handedOver() {
      return other !== undefined
    },
    /** What the other program received. */
    get received() {
      return other?.received ?? ''
    },
  }
}

module.exports = { startHandOver }
