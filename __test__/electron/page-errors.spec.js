// Tests how errors are worded for pages, which cannot follow a programmer's advice.
'use strict'

const assert = require('node:assert/strict')
const { test } = require('node:test')

const { toPageError } = require('../../lib/electron/errors.js')
const { errorOf } = require('../../lib/errors.js')

/** @type {Array<[name: string, failure: import('../../lib/addon/addon.js').Failure, message: string]>} */
const CASES = [
  [
    'a directory without access',
    { code: 'OSAURUS_ACCESS_DENIED', path: '/r', systemError: 'Permission denied (os error 13)' },
    '[OSAURUS_ACCESS_DENIED] Osaurus folder cannot be read: this app has no access to /r. Give it access and try again',
  ],
  [
    'a parent directory without access',
    {
      code: 'OSAURUS_ACCESS_DENIED',
      path: '/p/r',
      blockedBy: '/p',
      systemError: 'Permission denied (os error 13)',
    },
    '[OSAURUS_ACCESS_DENIED] Osaurus folder cannot be read: this app has no access to /p. Give it access and try again',
  ],
  [
    'a file in place of the directory',
    { code: 'OSAURUS_IO', kind: 'not-a-directory', path: '/r' },
    '[OSAURUS_IO] Osaurus folder cannot be read: /r is not a directory',
  ],
  [
    'an unreadable directory',
    {
      code: 'OSAURUS_IO',
      kind: 'unreadable-directory',
      path: '/r',
      systemError: 'Input/output error (os error 5)',
    },
    '[OSAURUS_IO] Osaurus folder cannot be read: /r: Input/output error (os error 5)',
  ],
  [
    'an unknown home directory',
    { code: 'OSAURUS_IO', kind: 'unknown-home' },
    '[OSAURUS_IO] Osaurus folder cannot be read: the home directory of this user is unknown',
  ],
  [
    'a lack of descriptors',
    {
      code: 'OSAURUS_IO',
      kind: 'cannot-probe',
      resource: 'descriptors',
      systemError: 'Too many open files (os error 24)',
    },
    '[OSAURUS_IO] Osaurus cannot be found: Too many open files (os error 24). Close other apps, or restart this one',
  ],
]

for (const [name, failure, message] of CASES)
  test(`${name} is worded without advice for programmers`, () => {
    assert.deepEqual(toPageError(errorOf(failure)), { code: failure.code, message })
    assert.doesNotMatch(message, /inspectRuntime|waitForRunningInstance|baseDir/)
  })

test('an error of the app keeps its message', () => {
  assert.deepEqual(toPageError(new Error('broken')), {
    code: 'OSAURUS_INTERNAL',
    message: '[OSAURUS_INTERNAL] broken',
  })
})

test('a value that is not an error becomes its text', () => {
  assert.deepEqual(toPageError('broken'), { code: 'OSAURUS_INTERNAL', message: '[OSAURUS_INTERNAL] broken' })
})
