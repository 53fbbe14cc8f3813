// Listens while probes are measured. Run in a process of its own as `dead|hung|osaurus COUNT`, it sends the ports.
'use strict'

const { once } = require('node:events')
const net = require('node:net')

const ANSWER =
  'HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 31\r\n\r\nOsaurus Server is running! 🦕'

const [kind, count] = process.argv.slice(2)

/** @param {net.Socket} socket */
function serve(socket) {
  socket.on('error', () => {})
  if (kind === 'osaurus') socket.once('data', () => socket.end(ANSWER))
  else socket.resume()
}

async function main() {
  const servers = Array.from({ length: Number(count) }, () => net.createServer(serve).listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const ports = servers.map((server) => /** @type {net.AddressInfo} */ (server.address()).port)
  if (kind === 'dead') await Promise.all(servers.map((server) => once(server.close(), 'close')))
  // Runs until it is killed or its parent exits, even without a server.
  process.on('disconnect', () => process.exit())
  process.send?.(ports)
}

main()
