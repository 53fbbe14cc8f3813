// Waits for conditions, measures durations, and counts the handles of this process.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const { setTimeout: delay } = require('node:timers/promises')

/**
 * Returns the result of an async call and its duration in milliseconds.
 * @template T
 * @param {() => Promise<T>} call
 */
async function timed(call) {
  const began = performance.now()
  const value = await call()
  return { value, ms: performance.now() - began }
}

/** @param {number[]} numbers */
function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1]
}

/** Far longer than any check needs on a busy machine. */
const GIVE_UP_AFTER_MS = 20_000

/**
 * Repeats a check until it neither throws nor returns `false`, and returns its result. Fails after 20 s.
 * @template T
 * @param {() => T | Promise<T>} check
 * @param {string} [what] is waited for, for the message of a check that returned `false`
 * @returns {Promise<Exclude<T, false>>}
 */
async function eventually(check, what = 'the check') {
  const began = performance.now()
  for (;;) {
    /** @type {unknown} */
    let failure = new Error(`Timed out waiting for: ${what}`)
    try {
      const value = await check()
      if (value !== false) return /** @type {Exclude<T, false>} */ (value)
    } catch (error) {
      failure = error
    }
    if (performance.now() - began > GIVE_UP_AFTER_MS) throw failure
    await delay(5)
  }
}

/** Returns the thread names and the number of descriptors of this process. Linux only. */
function openHandles() {
  const threads = fs
    .readdirSync('/proc/self/task')
    .flatMap((id) => ignoreMissing(() => fs.readFileSync(`/proc/self/task/${id}/comm`, 'utf8').trim()))
  const descriptors = fs
    .readdirSync('/proc/self/fd')
    .flatMap((fd) => ignoreMissing(() => fs.readlinkSync(`/proc/self/fd/${fd}`)))
  return { threads: threads.sort(), descriptors: descriptors.length }
}

/** Returns `openHandles()` after the last probe thread has ended. */
function openHandlesAtRest() {
  return eventually(() => {
    const all = openHandles()
    assert.ok(!all.threads.includes('osaurus-probe'))
    return all
  })
}

/** Returns an empty array if the entry was removed after it was listed. @param {() => string} read */
function ignoreMissing(read) {
  try {
    return [read()]
  } catch {
    return []
  }
}

module.exports = { eventually, median, openHandles, openHandlesAtRest, timed }
