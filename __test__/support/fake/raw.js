// Sends and receives bytes on a TCP connection.
'use strict'

const net = require('node:net')

/**
 * Opens a connection that sends only what the test sends.
 * @param {string} url
 */
function dial(url) {
  const { hostname, port } = new URL(url)
  const socket = net.connect(Number(port), hostname)
  let received = ''
  socket.setEncoding('utf8')
  socket.on('data', (data) => (received += data))
  socket.on('error', () => {})
  return {
    socket,
    get received() {
      return received
    },
    /** @param {string} text */
    send: (text) => new Promise((resolve) => socket.write(text, resolve)),
    closed: new Promise((resolve) => socket.once('close', resolve)),
    /** @param {RegExp} pattern */
    async until(pattern) {
      while (!pattern.test(received)) {
        if (socket.destroyed) throw new Error(`The connection was closed after: ${received}`)
        await new Promise((resolve) => socket.once('data', resolve).once('close', resolve))
      }
      return received
    },
  }
}

module.exports = { dial }
