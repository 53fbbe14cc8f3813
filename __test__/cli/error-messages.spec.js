// Tests the advice that follows an error.
'use strict'

const assert = require('node:assert/strict')
const { describe, test } = require('node:test')

const { describeError, nextSteps } = require('../../lib/cli/error-messages.js')
const { errorOf } = require('../../lib/errors.js')

describe('nextSteps()', () => {
  test('names the command that shows what was scanned if a directory cannot be read', () => {
    const error = errorOf({ code: 'OSAURUS_IO', kind: 'not-a-directory', path: '/x' })
    assert.equal(nextSteps(error, 'od'), 'Run `od doctor` to see which directories were scanned.')
  })

  test('has nothing to add if the system has no thread left, which no directory explains', () => {
    const error = errorOf({
      code: 'OSAURUS_IO',
      kind: 'cannot-watch',
      resource: 'threads',
      systemError: 'Resource temporarily unavailable',
    })
    assert.match(describeError(error), /^Osaurus cannot be watched: .*raise the limit of processes/)
    assert.equal(nextSteps(error, 'od'), undefined)
  })
})
