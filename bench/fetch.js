// Measures requests through createOsaurusFetch against http.request with keep-alive and the global fetch.
'use strict'

const { fork } = require('node:child_process')
const { once } = require('node:events')
const fs = require('node:fs')
const http = require('node:http')
const path = require('node:path')

const { createOsaurusFetch } = require('../fetch.js')
const { makeRuntime } = require('./runtime.js')
const { inTurns, spread } = require('./measure.js')

const LARGE = 100 * 2 ** 20

/** Starts a server in its own process, so that its work is not ours. @param {number} [port] */
async function startServer(port = 0) {
  const child = fork(path.join(__dirname, 'fetch-server.js'), [String(port)])
  const [actual] = await once(child, 'message')
  const stop = async () => {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  return { port: /** @type {number} */ (actual), stop }
}

/** @param {{ quick: boolean, log: (line: string) => void }} options */
async function measureFetch({ quick, log }) {
  const server = await startServer()
  const baseDir = makeRuntime([server.port])
  const osaurusFetch = createOsaurusFetch({ baseDir })
  const agent = new http.Agent({ keepAlive: true })
  const origin = `http://127.0.0.1:${server.port}`

  const request = (/** @type {string} */ route) =>
    new Promise((resolve, reject) => {
      const message = http.request(origin + route, { agent }, (response) => {
        /** @type {Buffer[]} */
        const chunks = []
        response.on('data', (chunk) => chunks.push(chunk))
        response.on('end', () => resolve(Buffer.concat(chunks).toString()))
        response.on('error', reject)
      })
      message.on('error', reject).end()
    })

  try {
    log('fetch: small requests')
    const small = await inTurns(
      {
        request: () => request('/small'),
        globalFetch: async () => (await fetch(`${origin}/small`)).text(),
        osaurusFetch: async () => (await osaurusFetch('/small')).text(),
      },
      { seconds: quick ? 1 : 6 },
    )
    log('fetch: 100 MB')
    const large = await inTurns(
      {
        globalFetch: async () => readAll(await fetch(`${origin}/large?${LARGE}`)),
        osaurusFetch: async () => readAll(await osaurusFetch(`/large?${LARGE}`)),
      },
      { seconds: quick ? 1 : 6, fewest: quick ? 3 : 9 },
    )
    log('fetch: first chunk of a stream')
    const first = await firstChunks(
      { globalFetch: () => fetch(`${origin}/stream`), osaurusFetch: () => osaurusFetch('/stream') },
      quick ? 300 : 4000,
    )
    log('fetch: recovery after a relaunch')
    const recovered = await recovery(quick ? 5 : 20)
    return {
      small,
      large,
      first,
      recovered,
      ratios: {
        smallOverRequest: small.osaurusFetch.median / small.request.median,
        smallOverGlobal: small.osaurusFetch.median / small.globalFetch.median,
        largeOverGlobal: large.osaurusFetch.median / large.globalFetch.median,
        firstOverGlobal: first.osaurusFetch.median / first.globalFetch.median,
        recoveryMs: recovered.median,
      },
    }
  } finally {
    osaurusFetch.close()
    agent.destroy()
    await server.stop()
    fs.rmSync(baseDir, { recursive: true })
  }
}

/** @param {Response} response */
async function readAll(response) {
  let bytes = 0
  for await (const chunk of /** @type {any} */ (response.body)) bytes += chunk.length
  if (bytes !== LARGE) throw new Error(`${bytes} bytes arrived`)
}

/**
 * Times, in microseconds, from the call to the first chunk of the body. The rest is read afterwards.
 * @param {{ globalFetch: () => Promise<Response>, osaurusFetch: () => Promise<Response> }} contenders
 * @param {number} rounds
 */
async function firstChunks({ globalFetch, osaurusFetch }, rounds) {
  const measure = async (/** @type {() => Promise<Response>} */ contender) => {
    const began = performance.now()
    const reader = /** @type {ReadableStream} */ ((await contender()).body).getReader()
    await reader.read()
    const time = (performance.now() - began) * 1000
    while (!(await reader.read()).done);
    return time
  }
  /** @type {Record<'globalFetch' | 'osaurusFetch', number[]>} */
  const times = { globalFetch: [], osaurusFetch: [] }
  for (let round = 0; round < rounds; round++) {
    const turns = round % 2 ? [globalFetch, osaurusFetch] : [osaurusFetch, globalFetch]
    for (const contender of turns)
      times[contender === globalFetch ? 'globalFetch' : 'osaurusFetch'].push(await measure(contender))
  }
  // The first ones compile.
  const warm = Math.ceil(rounds / 10)
  return {
    globalFetch: spread(times.globalFetch.slice(warm)),
    osaurusFetch: spread(times.osaurusFetch.slice(warm)),
  }
}

/**
 * From the moment that the relaunched server has published until the next answer, on another port each time.
 * @param {number} rounds
 */
async function recovery(rounds) {
  const times = []
  for (let round = 0; round < rounds; round++) {
    const before = await startServer()
    const baseDir = makeRuntime([before.port])
    const osaurusFetch = createOsaurusFetch({ baseDir, waitMs: 10_000 })
    await (await osaurusFetch('/small')).text()
    await before.stop()
    const waiting = osaurusFetch('/small')
    const after = await startServer()
    const published = makeRuntime([after.port])
    const [name] = fs.readdirSync(published)
    const began = performance.now()
    fs.renameSync(path.join(published, name), path.join(baseDir, `${name}-relaunched`))
    await (await waiting).text()
    times.push(performance.now() - began)
    osaurusFetch.close()
    await after.stop()
    for (const directory of [baseDir, published]) fs.rmSync(directory, { recursive: true, force: true })
  }
  return spread(times)
}

module.exports = { measureFetch, startServer }

if (require.main === module)
  measureFetch({ quick: process.argv.includes('--quick'), log: () => {} }).then(({ ratios }) =>
    console.log(ratios),
  )
