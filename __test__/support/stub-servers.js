// Servers that are not Osaurus, or not a healthy one, for tests of verification.
'use strict'

require('./no-fallback.js')
const { once } = require('node:events')
const net = require('node:net')

/**
 * @typedef {{ port?: number, host?: string }} ListenAddress default: a free port of 127.0.0.1
 * @typedef {{ host: string, port: number, readonly connections: number, readonly received: string, stop(): Promise<void> }} StubServer
 *   `received` is everything that its clients have sent
 */

/**
 * Starts a TCP server.
 * @param {ListenAddress} address
 * @param {(socket: net.Socket) => void} onConnection called for every connection
 * @param {(socket: net.Socket) => void} onRequest called when the head of a request has arrived
 * @returns {Promise<StubServer>}
 */
async function startStub({ port = 0, host = '127.0.0.1' }, onConnection, onRequest) {
  /** @type {Set<net.Socket>} */
  const sockets = new Set()
  let connections = 0
  let received = ''
  const server = net.createServer((socket) => {
    connections++
    sockets.add(socket)
    socket.on('error', () => {}) // Clients are expected to give up.
    socket.on('close', () => sockets.delete(socket))
    let head = ''
    socket.on('data', (data) => {
      received += data.toString('latin1')
      if (head.includes('\r\n\r\n')) return
      head += data.toString('latin1')
      if (head.includes('\r\n\r\n')) onRequest(socket)
    })
    onConnection(socket)
  })
  server.listen(port, host)
  await once(server, 'listening')
  return {
    host,
    port: /** @type {net.AddressInfo} */ (server.address()).port,
    get connections() {
      return connections
    },
    get received() {
      return received
    },
    async stop() {
      if (!server.listening) return
      server.close()
      for (const socket of sockets) socket.destroy()
      await once(server, 'close')
    },
  }
}

const nothing = () => {}

/** @param {string} status @param {string} body @param {string[]} [headers] */
function response(status, body, headers = []) {
  const length = `Content-Length: ${Buffer.byteLength(body)}`
  return [`HTTP/1.1 ${status}`, 'Content-Type: text/plain; charset=utf-8', length, ...headers, '', body].join(
    '\r\n',
  )
}

const BANNER = 'Osaurus Server is running! 🦕'

/** Answers as Osaurus does, at any address. @param {ListenAddress} [address] */
const osaurus = (address = {}) =>
  startStub(address, nothing, (socket) => socket.end(response('200 OK', BANNER)))

/** Answers 200 with its own text to every request, as Jan does on port 1337. @param {ListenAddress} [address] */
const anotherServer = (address = {}) =>
  startStub(address, nothing, (socket) => socket.end(response('200 OK', 'Jan is running.')))

/** Answers 500 with the body of Osaurus. @param {ListenAddress} [address] */
const failing = (address = {}) =>
  startStub(address, nothing, (socket) => socket.end(response('500 Internal Server Error', BANNER)))

/** Sends bytes that are not HTTP without waiting for a request. @param {ListenAddress} [address] */
const garbage = (address = {}) =>
  startStub(
    address,
    (socket) => socket.end(Buffer.from(Array.from({ length: 512 }, (_, i) => (i * 89) % 256))),
    nothing,
  )

/** Sends an endless body, as fast as it is read. @param {ListenAddress} [address] */
const endless = (address = {}) =>
  startStub(address, nothing, (socket) => {
    const chunk = Buffer.alloc(2 ** 16, 'x')
    const send = () => {
      while (!socket.destroyed && socket.write(chunk));
    }
    socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 1099511627776\r\n\r\n')
    socket.on('drain', send)
    send()
  })

/** Sends an endless head: one header after another. @param {ListenAddress} [address] */
const endlessHead = (address = {}) =>
  startStub(address, nothing, (socket) => {
    const chunk = `X-Filler: ${'x'.repeat(1000)}\r\n`.repeat(64)
    const send = () => {
      while (!socket.destroyed && socket.write(chunk));
    }
    socket.write('HTTP/1.1 200 OK\r\n')
    socket.on('drain', send)
    send()
  })

/** Redirects every request. @param {ListenAddress & { location: string }} address `location` is the target */
const redirect = ({ location, ...address }) =>
  startStub(address, nothing, (socket) => socket.end(response('302 Found', '', [`Location: ${location}`])))

/** Closes every connection immediately. @param {ListenAddress} [address] */
const closing = (address = {}) => startStub(address, (socket) => socket.destroy(), nothing)

/** Sends half a head and keeps the connection open. @param {ListenAddress} [address] */
const halfHead = (address = {}) =>
  startStub(address, nothing, (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/pl'))

/**
 * Sends the answer of Osaurus, one byte every `everyMs` milliseconds.
 * @param {ListenAddress & { everyMs?: number }} [address] default 20
 */
const trickle = ({ everyMs = 20, ...address } = {}) =>
  startStub(address, nothing, (socket) => {
    const bytes = Buffer.from(response('200 OK', BANNER))
    let sent = 0
    const timer = setInterval(() => {
      socket.write(bytes.subarray(sent, ++sent))
      if (sent === bytes.length) socket.end()
    }, everyMs)
    socket.on('finish', () => clearInterval(timer))
    socket.on('close', () => clearInterval(timer))
  })

/** Accepts connections and never answers. @param {ListenAddress} [address] */
const silent = (address = {}) => startStub(address, nothing, nothing)

module.exports = {
  osaurus,
  anotherServer,
  failing,
  garbage,
  endless,
  endlessHead,
  redirect,
  closing,
  halfHead,
  trickle,
  silent,
}
