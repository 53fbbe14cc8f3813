// Parses and formats durations.
'use strict'

/** @type {Record<string, number>} */
const MILLISECONDS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/**
 * Returns milliseconds, or undefined if the text is not a duration.
 * @param {string} text a number and, without a space, `ms`, `s`, `m` or `h`
 * @param {'ms' | 's'} unit of a plain number
 */
function parseDuration(text, unit) {
  const match = /^(\d+(?:\.\d+)?|\.\d+)(ms|s|m|h)?$/.exec(text)
  return match ? Number(match[1]) * MILLISECONDS[match[2] ?? unit] : undefined
}

/**
 * Formats a time relative to now, in whole numbers of one unit: `just now`, `3 minutes ago`, `in 2 hours`.
 * @param {number} then in milliseconds since the epoch
 * @param {number} now
 */
function ago(then, now) {
  const length = formatLength(Math.abs(now - then))
  if (!length) return 'just now'
  return then < now ? `${length} ago` : `in ${length}`
}

/** Returns an empty string for less than a second. @param {number} ms */
function formatLength(ms) {
  const seconds = Math.floor(ms / 1000)
  const units = /** @type {const} */ ([
    ['year', 365 * 86400],
    ['day', 86400],
    ['hour', 3600],
    ['minute', 60],
    ['second', 1],
  ])
  for (const [name, length] of units) {
    const count = Math.floor(seconds / length)
    if (count) return `${count} ${name}${count === 1 ? '' : 's'}`
  }
  return ''
}

/**
 * Formats an elapsed time: `7s`, `2m 07s`, `1h 02m`.
 * @param {number} ms
 */
function elapsed(ms) {
  const seconds = Math.floor(ms / 1000)
  const two = (/** @type {number} */ number) => String(number).padStart(2, '0')
  if (seconds < 60) return `${seconds}s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${two(seconds % 60)}s`
  return `${Math.floor(seconds / 3600)}h ${two(Math.floor(seconds / 60) % 60)}m`
}

module.exports = { ago, elapsed, parseDuration }
