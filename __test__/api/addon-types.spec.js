// Do the types written by hand for the addon say what the addon offers?
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const { test } = require('node:test')

const root = path.join(__dirname, '..', '..')

/**
 * Every class with its members, and the names of what they take.
 * @param {string} file
 * @returns {Record<string, string[]>}
 */
function classes(file) {
  const text = fs.readFileSync(path.join(root, file), 'utf8').replace(/\/\*[^]*?\*\//g, '')
  /** @type {Record<string, string[]>} */
  const found = {}
  for (const [, name, body] of text.matchAll(/class (\w+) \{([^]*?)\n\}/g)) {
    const members = body.matchAll(/^ {2}(\w+)\(([^]*?)\)(?::|$)/gm)
    found[name] = [...members].map(([, member, taken]) => {
      const names = [...taken.matchAll(/(?<=^|,)\s*(\w+)\??:/g)].map((match) => match[1])
      return `${member}(${names.join(', ')})`
    })
  }
  return found
}

test('lib/addon/addon.d.ts has the classes, methods and parameters that napi generates from the Rust source', () => {
  const generated = classes('target/addon/generated.d.ts')
  assert.ok(Object.keys(generated).length >= 3, 'the build leaves the generated types behind')
  assert.deepEqual(classes('lib/addon/addon.d.ts'), generated)
})
