// Finds the known word that a misspelled one most likely means.
'use strict'

/**
 * Returns the known word with the smallest edit distance; undefined if none is close.
 * @param {string} word
 * @param {readonly string[]} known
 * @returns {string | undefined}
 */
function closestMatch(word, known) {
  let best
  let least = Math.max(2, word.length / 3) + 1
  for (const candidate of known) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase())
    if (distance < least) {
      least = distance
      best = candidate
    }
  }
  return best
}

/**
 * The number of insertions, deletions, replacements and swaps of neighbors that turn one word into the other.
 * @param {string} from
 * @param {string} to
 */
function editDistance(from, to) {
  /** @type {number[]} */
  let before = []
  let row = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let i = 1; i <= from.length; i++) {
    const next = [i]
    for (let j = 1; j <= to.length; j++) {
      const replaced = row[j - 1] + (from[i - 1] === to[j - 1] ? 0 : 1)
      const swapped = from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1] ? before[j - 2] + 1 : Infinity
      next[j] = Math.min(replaced, swapped, row[j] + 1, next[j - 1] + 1)
    }
    before = row
    row = next
  }
  return row[to.length]
}

module.exports = { closestMatch }
