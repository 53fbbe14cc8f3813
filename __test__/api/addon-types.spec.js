// Tests that the handwritten types of the addon agree with those that napi generates.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const { test } = require('node:test')

const root = path.join(__dirname, '..', '..')

/**
 * Returns the members of every class, with the names of their parameters.
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

test('lib/addon/addon.d.ts declares the classes, methods and parameters that napi generates', () => {
  const generated = classes('target/addon/generated.d.ts')
  assert.ok(Object.keys(generated).length >= 3, 'the build keeps the generated types')
  assert.deepEqual(classes('lib/addon/addon.d.ts'), generated)
})
