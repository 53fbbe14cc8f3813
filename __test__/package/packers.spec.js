// Tests real packed apps: by @electron/packager, by electron-builder after electron-vite, and by Electron Forge with Vite.
'use strict'

const asar = require('@electron/asar')
const assert = require('node:assert/strict')
const path = require('node:path')
const { after, before, describe, it } = require('node:test')

const { startScreen } = require('../../scripts/electron.js')
const { startFakeOsaurus } = require('../../testing.js')
const { APPS, packApp } = require('../support/packers/pack.js')
const { startPackedApp } = require('../support/packers/packed-app.js')
const { installPackers } = require('../support/packers/tools.js')
const { temporaryDirectory } = require('../support/temporary-directory.js')

describe('a packed app', { concurrency: 2 }, () => {
  /** @type {Awaited<ReturnType<typeof installPackers>>} */
  let packers
  /** @type {Awaited<ReturnType<typeof startScreen>>} */
  let screen

  before(async () => {
    packers = await installPackers()
    screen = await startScreen()
  })
  after(() => screen.stop())

  /**
   * Registers what ends with a test in the opposite order: an app ends before its directories are removed.
   * @param {import('node:test').TestContext} t
   */
  function inReverse(t) {
    /** @type {(() => unknown)[]} */
    const ends = []
    t.after(async () => {
      for (const end of ends.reverse()) await end()
    })
    return { after: (/** @type {() => unknown} */ end) => void ends.push(end) }
  }

  /** @param {{ after(fn: () => unknown): void }} t @param {string} program */
  function start(t, program) {
    const home = temporaryDirectory(t)
    const app = startPackedApp(t, program, { home, display: screen.display })
    return { app, baseDir: path.join(home, '.osaurus', 'runtime') }
  }

  for (const name of APPS)
    it(`a packed app finds Osaurus, follows it, and streams answers into its page when it is packed with ${name}`, async (context) => {
      const t = inReverse(context)
      const { program, resources } = await packApp(t, packers, name)
      const { app, baseDir } = start(t, program)
      const archive = path.join(resources, 'app.asar')
      assert.deepEqual(JSON.parse(await app.next('app')), { isPackaged: true, path: archive })
      assert.equal(await app.next('none'), 'OSAURUS_NOT_FOUND')

      const text = 'An answer of several words, which come one after the other.'
      const fake = await startFakeOsaurus({ baseDir, wordDelayMs: 30, answer: () => text })
      t.after(() => fake.stop())
      const chats = async () => {
        assert.equal(await app.next('found'), fake.url)
        const pieces = JSON.parse(await app.next('answer'))
        assert.equal(pieces.join(''), text)
        assert.ok(pieces.length > 3, `${pieces.length} pieces`)
      }
      await chats()
      await fake.crash()
      assert.equal(await app.next('none'), 'OSAURUS_NOT_RESPONDING')
      await fake.relaunch({ port: 0 })
      await chats()

      // The addon itself, and not the copy that Electron makes of one inside an archive at every start.
      const addon = 'osaurus-discovery-linux-x64-gnu/osaurus-discovery.linux-x64-gnu.node'
      assert.deepEqual(app.loadedAddons(), [path.join(`${archive}.unpacked`, 'node_modules', addon)])
      assert.equal(await app.quit(), 0)

      const { FuseV1Options: fuses, getCurrentFuseWire } = require(
        path.join(packers.modules, '@electron/fuses'),
      )
      const wire = await getCurrentFuseWire(program)
      const states = [
        fuses.RunAsNode,
        fuses.EnableEmbeddedAsarIntegrityValidation,
        fuses.OnlyLoadAppFromAsar,
      ].map((fuse) => String.fromCharCode(wire[fuse]))
      assert.deepEqual(states, ['0', '1', '1'])
    })

  it("a packed app lacks the package when it is packed with Forge's Vite plugin alone", async (context) => {
    const t = inReverse(context)
    const { program, resources } = await packApp(
      t,
      packers,
      'forge',
      'module.exports = { packagerConfig: { asar: true } }',
    )
    const files = asar.listPackage(path.join(resources, 'app.asar'), { isPack: false })
    assert.equal(
      files.some((file) => file.includes('osaurus-discovery')),
      false,
    )
    const { app } = start(t, program)
    await app.next('Error: Cannot find module')
  })
})
