// Tests that a watcher follows every change of the directories and files of instances.
'use strict'

const fs = require('node:fs')
const path = require('node:path')
const { FILE } = require('../support/runtime-directory.js')
const { publish } = require('../support/watch-publisher.js')
const { testSteps } = require('../support/watch-steps.js')

testSteps([
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
])
