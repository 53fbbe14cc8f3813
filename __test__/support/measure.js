// What does this process hold, how long does something take, and does a thing come true in the end?
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const { setTimeout: delay } = require('node:timers/promises')

/**
 * What an async call gives, and after how many milliseconds.
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

// Far longer than anything that works needs, however busy the machine.
const GIVE_UP_AFTER_MS = 20_000

/**
 * Waits until a check does not throw any more; gives its result.
 * @template T
 * @param {() => T | Promise<T>} check
 * @returns {Promise<T>}
 */
async function eventually(check) {
  const began = performance.now()
  for (;;) {
    try {
      return await check()
    } catch (error) {
      if (performance.now() - began > GIVE_UP_AFTER_MS) throw error
    }
    await delay(5)
  }
}

/** Threads and descriptors of this process, by name; Linux only. */
function held() {
  const threads = fs
    .readdirSync('/proc/self/task')
    .flatMap((id) => tryTo(() => read(`/proc/self/task/${id}/comm`)))
  const descriptors = fs
    .readdirSync('/proc/self/fd')
    .flatMap((fd) => tryTo(() => fs.readlinkSync(`/proc/self/fd/${fd}`)))
  return { threads: threads.sort(), descriptors: descriptors.length }
}

/** The same, once the thread of no probe is left. */
function heldAtRest() {
  return eventually(() => {
    const all = held()
    assert.ok(!all.threads.includes('osaurus-probe'))
    return all
  })
}

/** @param {string} file */
const read = (file) => fs.readFileSync(file, 'utf8').trim()

/** What is listed may be gone when it is looked at. @param {() => string} look */
function tryTo(look) {
  try {
    return [look()]
  } catch {
    return []
  }
}

module.exports = { eventually, held, heldAtRest, median, timed }
