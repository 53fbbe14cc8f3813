// Measures the page's own fetch and window.osaurus.fetch in alternation, in microseconds a request.
'use strict'

/** Long enough that the clock of a page, which is coarse, does not matter. */
const REQUESTS = 20

/**
 * @typedef {{ origin: string, large: number, seconds: number }} Options
 * @typedef {(path: string) => Promise<Response>} Get
 */

/** @param {Options} options */
async function measure({ origin, large, seconds }) {
  /** @type {Record<string, Get>} */
  const contenders = {
    own: (path) => fetch(origin + path, { cache: 'no-store' }),
    osaurus: (path) => window.osaurus.fetch(path),
  }
  const small = (/** @type {Get} */ get) => async () => {
    for (let i = 0; i < REQUESTS; i++) await (await get('/small')).text()
    return REQUESTS
  }
  const stream = (/** @type {Get} */ get) => async () => {
    const reader = /** @type {ReadableStream} */ ((await get(`/large?${large}`)).body).getReader()
    let bytes = 0
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      bytes += value.length
    }
    if (bytes !== large) throw new Error(`${bytes} bytes arrived`)
    return 1
  }
  return {
    small: await inTurns(contenders, small, seconds),
    large: await inTurns(contenders, stream, seconds),
  }
}

/**
 * @param {Record<string, Get>} contenders
 * @param {(get: Get) => () => Promise<number>} task returns the number of its requests
 * @param {number} seconds for all of them
 */
async function inTurns(contenders, task, seconds) {
  const tasks = Object.entries(contenders).map(([name, get]) => ({
    name,
    run: task(get),
    times: [0].slice(1),
  }))
  for (const { run } of tasks) await run()
  const until = performance.now() + seconds * 1000
  for (let round = 0; round < 5 || performance.now() < until; round++) {
    // Each is first in every second round, so that none always pays for the garbage of the other.
    for (const { run, times } of round % 2 ? tasks : [...tasks].reverse()) {
      const began = performance.now()
      const requests = await run()
      times.push(((performance.now() - began) * 1000) / requests)
    }
  }
  return Object.fromEntries(tasks.map(({ name, times }) => [name, spread(times)]))
}

/** @param {number[]} times */
function spread(times) {
  const sorted = times.sort((a, b) => a - b)
  const at = (/** @type {number} */ share) => sorted[Math.round((sorted.length - 1) * share)]
  return { median: at(0.5), low: at(0.25), high: at(0.75), worst: at(1), rounds: sorted.length }
}

/** Begins a response and does not read it. @param {Options} options */
async function leaveUnread({ large }) {
  Object.assign(window, { unread: await window.osaurus.fetch(`/large?${large * 4}`) })
  await new Promise((resolve) => setTimeout(resolve, 2000))
}

Object.assign(window, { leaveUnread, measure })
