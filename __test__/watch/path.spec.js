// Tests that a watcher follows its path through every change of its directories and links.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const test = require('node:test')
const { listInstances } = require('../..')
const { eventually } = require('../support/measure.js')
const { runFixture } = require('../support/run-node.js')
const { FILE } = require('../support/runtime-directory.js')
const { temporaryDirectory } = require('../support/temporary-directory.js')
const { recordChanges } = require('../support/change-recorder.js')
const { publish } = require('../support/watch-publisher.js')

/**
 * @typedef {object} Ground where a step happens; all paths are below one directory of the test's own
 * @property {(name: string) => string} at a path
 * @property {string} runtime the watched directory: home/.osaurus/runtime
 */

/**
 * @typedef {object} Row
 * @property {string} name
 * @property {(ground: Ground) => void} [given] what there is before; default: one instance, OLD, published
 * @property {[(ground: Ground) => void, string[]][]} steps what happens, and whom the state then has
 */

/** @param {Ground} ground */
const oldOne = ({ runtime }) => publish(runtime, 'OLD')
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
  {
    name: 'an instance directory is renamed into the runtime directory, and out of it',
    steps: [
      [
        ({ at, runtime }) => {
          publish(at('elsewhere'), 'NEW')
          fs.renameSync(at('elsewhere/NEW'), path.join(runtime, 'NEW'))
        },
        ['NEW', 'OLD'],
      ],
      [({ at, runtime }) => fs.renameSync(path.join(runtime, 'OLD'), at('OLD')), ['NEW']],
    ],
  },
  {
    name: 'an instance directory is replaced by another one of its name, which is then updated',
    steps: [
      [
        ({ at, runtime }) => {
          publish(at('elsewhere'), 'OLD', { instanceId: 'NEW' })
          fs.renameSync(path.join(runtime, 'OLD'), at('away'))
          fs.renameSync(at('elsewhere/OLD'), path.join(runtime, 'OLD'))
        },
        ['NEW'],
      ],
      [({ runtime }) => publish(runtime, 'OLD', { instanceId: 'NEWER' }), ['NEWER']],
      [({ at }) => publish(at('away'), '.', { instanceId: 'NOT-OURS' }), ['NEWER']],
    ],
  },
  {
    name: 'an instance directory is removed and created again at once, many times',
    steps: [
      [
        ({ runtime }) => {
          for (let round = 0; round < 50; round++) {
            fs.rmSync(path.join(runtime, 'OLD'), { recursive: true, force: true })
            publish(runtime, 'OLD', { instanceId: `ROUND-${round}` })
          }
        },
        ['ROUND-49'],
      ],
      [({ runtime }) => publish(runtime, 'OLD', { instanceId: 'NEW' }), ['NEW']],
    ],
  },
  {
    name: 'an instance directory becomes a link, which is ignored, and a directory again',
    steps: [
      [
        ({ at, runtime }) => {
          fs.renameSync(path.join(runtime, 'OLD'), at('away'))
          fs.symlinkSync(at('away'), path.join(runtime, 'OLD'))
        },
        [],
      ],
      [
        ({ at, runtime }) => {
          fs.unlinkSync(path.join(runtime, 'OLD'))
          fs.renameSync(at('away'), path.join(runtime, 'OLD'))
        },
        ['OLD'],
      ],
    ],
  },
  {
    name: 'a file is moved away, and back',
    steps: [
      [({ at, runtime }) => fs.renameSync(path.join(runtime, 'OLD', FILE), at('file')), []],
      [({ at, runtime }) => fs.renameSync(at('file'), path.join(runtime, 'OLD', FILE)), ['OLD']],
    ],
  },
]

for (const { name, given = oldOne, steps } of ROWS) {
  test(name, async (t) => {
    const root = temporaryDirectory(t)
    const at = (/** @type {string} */ part) => path.join(root, part)
    const ground = { at, runtime: at('home/.osaurus/runtime') }
    fs.mkdirSync(at('home'))
    given(ground)
    const record = recordChanges(t, { baseDir: ground.runtime })
    await record.started()
    for (const [index, [step, ids]] of steps.entries()) {
      step(ground)
      // Published in one second, and so in the order of the files, which some file systems tell no finer.
      await eventually(() => assert.deepEqual(record.ids?.toSorted(), ids.toSorted(), `step ${index + 1}`))
    }
    await record.quiet()
    assert.deepEqual(
      record.watcher.instances,
      await listInstances({ baseDir: ground.runtime }).catch(() => []),
    )
  })
}

test('the current home directory is watched, and the legacy directories with legacyDirs', async (t) => {
  const home = temporaryDirectory(t)
  const told = await runFixture('watch/legacy-directories.js', {
    data: home,
    env: { ...process.env, HOME: home, USERPROFILE: home },
  })
  assert.deepEqual(told, [['CURRENT'], ['CURRENT', 'LEGACY']])
})
