// Who else may sit on a port that Osaurus once published?
'use strict'

const { once } = require('node:events')
const net = require('node:net')

/**
 * @typedef {{ port?: number, host?: string }} Place default: a free port of 127.0.0.1
 * @typedef {{ host: string, port: number, readonly connections: number, readonly received: string, stop(): Promise<void> }} Stranger
 *   `received` is all that its clients have sent
 */

/**
 * @param {Place} place
 * @param {(socket: net.Socket) => void} greet for every connection
 * @param {(socket: net.Socket) => void} answer once the head of a request has arrived
 * @returns {Promise<Stranger>}
 */
async function stand({ port = 0, host = '127.0.0.1' }, greet, answer) {
  /** @type {Set<net.Socket>} */
  const sockets = new Set()
  let connections = 0
  let received = ''
  const server = net.createServer((socket) => {
    connections++
    sockets.add(socket)
    socket.on('error', () => {}) // A client that gives up is what these are for.
    socket.on('close', () => sockets.delete(socket))
    let head = ''
    socket.on('data', (data) => {
      received += data.toString('latin1')
      if (head.includes('\r\n\r\n')) return
      head += data.toString('latin1')
      if (head.includes('\r\n\r\n')) answer(socket)
    })
    greet(socket)
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

/** Answers as Osaurus does, but is none of this user's: another machine's, or another address's. @param {Place} [place] */
const osaurus = (place = {}) => stand(place, nothing, (socket) => socket.end(response('200 OK', BANNER)))

/** Answers 200 to everything, with a text of its own, as Jan does on port 1337. @param {Place} [place] */
const anotherServer = (place = {}) =>
  stand(place, nothing, (socket) => socket.end(response('200 OK', 'Jan is running.')))

/** Is Osaurus by its body, but answers 500. @param {Place} [place] */
const failing = (place = {}) =>
  stand(place, nothing, (socket) => socket.end(response('500 Internal Server Error', BANNER)))

/** Speaks something that is no HTTP, unasked. @param {Place} [place] */
const garbage = (place = {}) =>
  stand(
    place,
    (socket) => socket.end(Buffer.from(Array.from({ length: 512 }, (_, i) => (i * 89) % 256))),
    nothing,
  )

/** Sends without end, as fast as it is read. @param {Place} [place] */
const endless = (place = {}) =>
  stand(place, nothing, (socket) => {
    const chunk = Buffer.alloc(2 ** 16, 'x')
    const send = () => {
      while (!socket.destroyed && socket.write(chunk));
    }
    socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 1099511627776\r\n\r\n')
    socket.on('drain', send)
    send()
  })

/** Sends head without end: one header after the other. @param {Place} [place] */
const endlessHead = (place = {}) =>
  stand(place, nothing, (socket) => {
    const chunk = `X-Filler: ${'x'.repeat(1000)}\r\n`.repeat(64)
    const send = () => {
      while (!socket.destroyed && socket.write(chunk));
    }
    socket.write('HTTP/1.1 200 OK\r\n')
    socket.on('drain', send)
    send()
  })

/** Sends its visitors elsewhere. @param {Place & { location: string }} place `location` is the address to go to */
const redirect = ({ location, ...place }) =>
  stand(place, nothing, (socket) => socket.end(response('302 Found', '', [`Location: ${location}`])))

/** Hangs up at once. @param {Place} [place] */
const closing = (place = {}) => stand(place, (socket) => socket.destroy(), nothing)

/** Sends half a head and stays. @param {Place} [place] */
const halfHead = (place = {}) =>
  stand(place, nothing, (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/pl'))

/**
 * Sends the true answer, one byte every `everyMs` milliseconds.
 * @param {Place & { everyMs?: number }} [place] default 20
 */
const trickle = ({ everyMs = 20, ...place } = {}) =>
  stand(place, nothing, (socket) => {
    const bytes = Buffer.from(response('200 OK', BANNER))
    let sent = 0
    const timer = setInterval(() => {
      socket.write(bytes.subarray(sent, ++sent))
      if (sent === bytes.length) socket.end()
    }, everyMs)
    socket.on('finish', () => clearInterval(timer))
    socket.on('close', () => clearInterval(timer))
  })

/** Accepts and never says a word. @param {Place} [place] */
const silent = (place = {}) => stand(place, nothing, nothing)

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
