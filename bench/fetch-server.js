// Serves the requests of bench/fetch.js and bench/page.js, in its own process.
'use strict'

const http = require('node:http')

const SMALL = '{"object":"list","data":[{"id":"llama-3.2-3b-instruct","object":"model"}]}'
const CHUNK = Buffer.alloc(64 * 1024)

const server = http.createServer((request, response) => {
  const [route, query] = (request.url ?? '').split('?')
  // As Osaurus answers pages.
  response.setHeader('Access-Control-Allow-Origin', '*')
  if (route === '/') return response.end('Osaurus Server is running! 🦕')
  if (route === '/small')
    return response
      .writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': SMALL.length })
      .end(SMALL)
  if (route === '/stream') {
    response.write('first')
    return setImmediate(() => response.end('last'))
  }
  let left = Number(query)
  const send = () => {
    while (left > 0) {
      const chunk = left < CHUNK.length ? CHUNK.subarray(0, left) : CHUNK
      left -= chunk.length
      if (!response.write(chunk)) return response.once('drain', send)
    }
    response.end()
  }
  send()
})
server.keepAliveTimeout = 0
server.listen(Number(process.argv[2]), '127.0.0.1', () =>
  process.send?.(/** @type {import('node:net').AddressInfo} */ (server.address()).port),
)
process.on('disconnect', () => process.exit())
