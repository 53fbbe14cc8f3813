// Measures several functions in alternation, so that disturbances affect all of them.
'use strict'

/** @typedef {() => unknown} Contender */
/** @typedef {{ median: number, low: number, high: number, worst: number, rounds: number }} Spread quartiles; of
 *   `inTurns` in microseconds a call */

/** Long enough that the cost of reading the clock is negligible. */
const BATCH_US = 400

/**
 * Measures contenders in alternation, so that disturbances of the machine affect all of them. In every round each contender
 * runs a measurable number of times. The order is random and each warms up first, so that none always pays for the garbage and
 * cold caches of the same predecessor.
 * @template {string} Name
 * @param {Record<Name, Contender>} contenders
 * @param {{ seconds?: number, fewest?: number }} [effort] for all of them together
 * @returns {Promise<Record<Name, Spread>>}
 */
async function inTurns(contenders, { seconds = 3, fewest = 9 } = {}) {
  const names = /** @type {Name[]} */ (Object.keys(contenders))
  /** @type {Record<string, { calls: number, times: number[] }>} */
  const state = {}
  for (const name of names) {
    for (let i = 0; i < 3; i++) await timed(contenders[name], 1)
    const once = Math.min(await timed(contenders[name], 1), await timed(contenders[name], 1))
    state[name] = { calls: Math.max(1, Math.ceil(BATCH_US / once)), times: [] }
  }
  const until = process.hrtime.bigint() + BigInt(seconds * 1e9)
  for (let round = 0; round < fewest || process.hrtime.bigint() < until; round++) {
    for (const name of shuffled(names)) {
      const { calls, times } = state[name]
      await timed(contenders[name], 1)
      times.push(await timed(contenders[name], calls))
    }
  }
  return /** @type {any} */ (Object.fromEntries(names.map((name) => [name, spread(state[name].times)])))
}

/**
 * @template T
 * @param {readonly T[]} values
 */
function shuffled(values) {
  const order = [...values]
  for (let i = order.length - 1; i > 0; i--) {
    const other = Math.floor(Math.random() * (i + 1))
    ;[order[i], order[other]] = [order[other], order[i]]
  }
  return order
}

/**
 * Returns microseconds per call.
 * @param {Contender} contender
 * @param {number} calls
 */
async function timed(contender, calls) {
  const began = process.hrtime.bigint()
  for (let i = 0; i < calls; i++) {
    const result = contender()
    // Awaiting a value that is not a promise would add a turn of the event loop.
    if (result instanceof Promise) await result
  }
  return Number(process.hrtime.bigint() - began) / 1e3 / calls
}

/**
 * @param {number[]} values
 * @returns {Spread}
 */
function spread(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (/** @type {number} */ share) => sorted[Math.round((sorted.length - 1) * share)]
  return { median: at(0.5), low: at(0.25), high: at(0.75), worst: at(1), rounds: sorted.length }
}

module.exports = { inTurns, spread }
