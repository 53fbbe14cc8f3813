// Tests that a watcher follows its path through every change of its directories and links.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const test = require('node:test')
const { runFixture } = require('../support/run-node.js')
const { temporaryDirectory } = require('../support/temporary-directory.js')
const { publish } = require('../support/watch-publisher.js')
const { oldOne, testSteps } = require('../support/watch-steps.js')

/**
 * @typedef {import('../support/watch-steps.js').Ground} Ground
 * @typedef {import('../support/watch-steps.js').Row} Row
 */

const nothing = () => {}

/** @type {Row[]} */
const ROWS = [
  {
    name: 'no directory exists at first, not even the home directory, and all are created one after another',
    given: ({ at }) => fs.rmdirSync(at('home')),
    steps: [
      [({ at }) => fs.mkdirSync(at('home')), []],
      [({ at }) => fs.mkdirSync(at('home/.osaurus')), []],
      [({ at }) => fs.mkdirSync(at('home/.osaurus/runtime')), []],
      [({ runtime }) => publish(runtime, 'NEW'), ['NEW']],
    ],
  },
  {
    name: 'all of it comes at once',
    given: nothing,
    steps: [[({ runtime }) => publish(runtime, 'NEW'), ['NEW']]],
  },
  {
    name: 'the runtime directory is removed and created again',
    steps: [
      [({ runtime }) => fs.rmSync(runtime, { recursive: true }), []],
      [({ runtime }) => publish(runtime, 'NEW'), ['NEW']],
    ],
  },
  {
    name: 'the runtime directory is removed and created again without a pause',
    steps: [
      [
        ({ runtime }) => {
          fs.rmSync(runtime, { recursive: true })
          publish(runtime, 'NEW')
        },
        ['NEW'],
      ],
      [({ runtime }) => publish(runtime, 'NEWER'), ['NEW', 'NEWER']],
    ],
  },
  {
    name: '.osaurus is removed and made again',
    steps: [
      [({ at }) => fs.rmSync(at('home/.osaurus'), { recursive: true }), []],
      [({ runtime }) => publish(runtime, 'NEW'), ['NEW']],
    ],
  },
  {
    name: 'the home directory is removed and created again without a pause',
    steps: [
      [
        ({ at, runtime }) => {
          fs.rmSync(at('home'), { recursive: true })
          publish(runtime, 'NEW')
        },
        ['NEW'],
      ],
      [({ runtime }) => publish(runtime, 'NEWER'), ['NEW', 'NEWER']],
    ],
  },
  ...['home/.osaurus/runtime', 'home/.osaurus', 'home'].map((part) => ({
    name: `${part} is renamed, and back`,
    steps: /** @type {Row['steps']} */ ([
      [({ at }) => fs.renameSync(at(part), at('away')), []],
      [({ at }) => fs.renameSync(at('away'), at(part)), ['OLD']],
      [({ runtime }) => publish(runtime, 'NEW'), ['NEW', 'OLD']],
    ]),
  })),
  ...['home/.osaurus/runtime', 'home/.osaurus', 'home'].map((part) => ({
    name: `${part} is renamed, and what happens to it elsewhere is not ours`,
    steps: /** @type {Row['steps']} */ ([
      [({ at }) => fs.renameSync(at(part), at('away')), []],
      [({ at }) => publish(at(`away/${path.relative(part, 'home/.osaurus/runtime')}`), 'NOT-OURS'), []],
      [({ runtime }) => publish(runtime, 'NEW'), ['NEW']],
    ]),
  })),
  ...['home/.osaurus/runtime', 'home/.osaurus', 'home'].map((part) => ({
    name: `${part} is replaced by another directory in two renames`,
    given: (/** @type {Ground} */ ground) => {
      oldOne(ground)
      publish(ground.at(`other/${path.relative(part, 'home/.osaurus/runtime')}`), 'OTHER')
    },
    steps: /** @type {Row['steps']} */ ([
      [
        ({ at }) => {
          fs.renameSync(at(part), at('away'))
          fs.renameSync(at('other'), at(part))
        },
        ['OTHER'],
      ],
      [({ runtime }) => publish(runtime, 'NEW'), ['NEW', 'OTHER']],
    ]),
  })),
  ...['home/.osaurus/runtime', 'home/.osaurus', 'home'].map((part) => ({
    name: `${part} is moved elsewhere and becomes a link to there`,
    steps: /** @type {Row['steps']} */ ([
      [
        ({ at }) => {
          fs.renameSync(at(part), at('disk'))
          fs.symlinkSync(at('disk'), at(part))
        },
        ['OLD'],
      ],
      [
        ({ at }) => publish(at(`disk/${path.relative(part, 'home/.osaurus/runtime')}`), 'NEW'),
        ['NEW', 'OLD'],
      ],
      [({ at }) => fs.rmSync(at('disk'), { recursive: true }), []],
      [({ at }) => publish(at(`disk/${path.relative(part, 'home/.osaurus/runtime')}`), 'NEWER'), ['NEWER']],
      [({ at }) => fs.unlinkSync(at(part)), []],
      [({ runtime }) => publish(runtime, 'NEWEST'), ['NEWEST']],
    ]),
  })),
  {
    name: 'a link exists whose target directory is created later',
    given: ({ at }) => fs.symlinkSync('../disk/osaurus', at('home/.osaurus')),
    steps: [
      [({ at }) => fs.mkdirSync(at('disk')), []],
      [({ at }) => publish(at('disk/osaurus/runtime'), 'NEW'), ['NEW']],
    ],
  },
  {
    name: 'a link is replaced by one that leads elsewhere, by one rename',
    given: ({ at }) => {
      publish(at('one/runtime'), 'ONE')
      publish(at('two/runtime'), 'TWO')
      fs.symlinkSync(at('one'), at('home/.osaurus'))
    },
    steps: [
      [nothing, ['ONE']],
      [
        ({ at }) => {
          fs.symlinkSync(at('two'), at('home/.new'))
          fs.renameSync(at('home/.new'), at('home/.osaurus'))
        },
        ['TWO'],
      ],
      [({ at }) => publish(at('one/runtime'), 'NOT-OURS'), ['TWO']],
      [({ at }) => publish(at('two/runtime'), 'NEW'), ['NEW', 'TWO']],
    ],
  },
  {
    name: 'a link that a link leads to is replaced',
    given: ({ at }) => {
      publish(at('one'), 'ONE')
      publish(at('two'), 'TWO')
      fs.symlinkSync(at('one'), at('link'))
      fs.mkdirSync(at('home/.osaurus'))
      fs.symlinkSync('../../link', at('home/.osaurus/runtime'))
    },
    steps: [
      [nothing, ['ONE']],
      [
        ({ at }) => {
          fs.unlinkSync(at('link'))
          fs.symlinkSync(at('two'), at('link'))
        },
        ['TWO'],
      ],
    ],
  },
  {
    name: 'a link leads to itself until it is fixed',
    given: ({ at }) => fs.symlinkSync('.osaurus', at('home/.osaurus')),
    steps: [
      [nothing, []],
      [({ at }) => fs.unlinkSync(at('home/.osaurus')), []],
      [({ runtime }) => publish(runtime, 'NEW'), ['NEW']],
    ],
  },
  {
    name: 'a file in place of the runtime directory is removed',
    given: ({ at }) => {
      fs.mkdirSync(at('home/.osaurus'))
      fs.writeFileSync(at('home/.osaurus/runtime'), '')
    },
    steps: [
      [nothing, []],
      [({ runtime }) => fs.unlinkSync(runtime), []],
      [({ runtime }) => publish(runtime, 'NEW'), ['NEW']],
    ],
  },
  {
    name: 'a file in place of a directory of the path is removed',
    given: ({ at }) => fs.writeFileSync(at('home/.osaurus'), ''),
    steps: [
      [nothing, []],
      [({ at }) => fs.unlinkSync(at('home/.osaurus')), []],
      [({ runtime }) => publish(runtime, 'NEW'), ['NEW']],
    ],
  },
]

testSteps(ROWS)

test('the current home directory is watched, and the legacy directories with legacyDirs', async (t) => {
  const home = temporaryDirectory(t)
  const reported = await runFixture('watch/legacy-directories.js', {
    data: home,
    env: { ...process.env, HOME: home, USERPROFILE: home },
  })
  assert.deepEqual(reported, [['CURRENT'], ['CURRENT', 'LEGACY']])
})
