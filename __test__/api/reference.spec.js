// Tests that docs/api.md describes every function, option, member and error code in the public types.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const { describe, test } = require('node:test')

const { PROJECT } = require('../support/run-node.js')

/** @type {string[]} */
const typeFiles = Object.values(require('../../package.json').exports).flatMap((entry) =>
  typeof entry === 'string' ? [] : [path.basename(entry.types)],
)
const reference = fs.readFileSync(path.join(PROJECT, 'docs', 'api.md'), 'utf8')

/** The first cells of all tables, and the headings. */
const described = [...reference.matchAll(/^(?:\| (?<cell>[^|]*)|#+ (?<heading>.*)$)/gm)]
  .map(({ groups }) => groups?.cell ?? groups?.heading)
  .join('\n')

/** Interfaces of results and events, whose fields the text describes in its own words. */
const IN_WORDS =
  /^(RuntimeReport|DirectoryReport|ProbeReport|InstanceChange|NetworkChange|NetworkAgent|OsaurusError|Fake\w*Request|FakeToolCall)$/

for (const file of typeFiles)
  describe(file, () => {
    const types = fs.readFileSync(path.join(PROJECT, file), 'utf8').replace(/\/\*\*[^]*?\*\//g, '')

    test(`${file} has all its functions in the reference`, () => {
      const names = [...types.matchAll(/^export function (\w+)/gm)].map((match) => match[1])
      assert.deepEqual(
        names.filter((name) => !described.includes(name)),
        [],
      )
    })

    for (const [, name, body] of types.matchAll(/^export interface (\w+)[^{]*\{\n([^]*?)^\}/gm)) {
      if (IN_WORDS.test(name)) continue
      test(`${file} has all members of ${name} in the reference`, () => {
        const members = [...body.matchAll(/^ {2}(?:readonly )?(\w+)\??[(:]/gm)].map((match) => match[1])
        const events = /^(on|once|off|addListener|removeListener|emit)$/
        assert.deepEqual(
          members.filter((member) => !events.test(member) && !new RegExp(`\\b${member}\\b`).test(described)),
          [],
        )
      })
    }

    test(`${file} has all its error codes in the reference`, () => {
      const codes = [...types.matchAll(/'(OSAURUS_[A-Z_]+)'/g)].map((match) => match[1])
      assert.deepEqual(
        codes.filter((code) => !described.includes(code)),
        [],
      )
    })
  })
