// Tests that the pictures of the example app in the documentation can be taken again.
'use strict'

const assert = require('node:assert/strict')
const { execFile } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')
const { after, test } = require('node:test')
const { promisify } = require('node:util')

const { encodePng } = require('../../scripts/png.js')
const { closeScreen, makeHome, startApp } = require('../support/electron/start.js')
const { major } = require('../support/electron/version.js')
const { temporaryDirectory } = require('../support/temporary-directory.js')

const ROOT = path.join(__dirname, '..', '..')
const DOCUMENTED = path.join(ROOT, 'docs', 'images')

after(closeScreen)

/** The pictures of the example in a directory, by name, with their width and height. @param {string} directory */
function picturesIn(directory) {
  const names = fs.readdirSync(directory).filter((name) => name.startsWith('example-app-'))
  return Object.fromEntries(
    names.map((name) => {
      const png = fs.readFileSync(path.join(directory, name))
      return [name, [png.readUInt32BE(16), png.readUInt32BE(20)]]
    }),
  )
}

test('an encoded picture has the pixels that it was given', async (t) => {
  const app = await startApp(t, makeHome(t))
  const [width, height] = [20, 12]
  const pixels = Buffer.alloc(width * height * 4, 255)
  for (let at = 0; at < width * height; at++) pixels.writeUIntLE((at * 0x010307) & 0xffffff, at * 4, 3)
  const decoded = await app.main(
    ({ electron }, png) =>
      electron.nativeImage.createFromBuffer(Buffer.from(png, 'base64')).toBitmap().toString('base64'),
    encodePng(pixels, width, height).toString('base64'),
  )
  assert.deepEqual(Buffer.from(decoded, 'base64'), pixels)
})

test('a picture of more than 256 colours keeps the frequent ones', async (t) => {
  const app = await startApp(t, makeHome(t))
  const pixels = Buffer.alloc(400 * 4, 255)
  // 300 blues, then 100 times one red, which is nearest to none of them.
  for (let at = 0; at < 300; at++) pixels.writeUIntLE(at, at * 4, 3)
  for (let at = 300; at < 400; at++) pixels.writeUIntLE(0xff0000, at * 4, 3)
  const decoded = await app.main(
    ({ electron }, png) =>
      electron.nativeImage.createFromBuffer(Buffer.from(png, 'base64')).toBitmap().toString('base64'),
    encodePng(pixels, 400, 1).toString('base64'),
  )
  assert.deepEqual(Buffer.from(decoded, 'base64').subarray(300 * 4), pixels.subarray(300 * 4))
})

// The pictures are those of the newest version.
if (major >= 33)
  test('the script takes every picture of the documentation, in the same size', async (t) => {
    const directory = temporaryDirectory(t)
    await promisify(execFile)(process.execPath, [path.join(ROOT, 'scripts', 'pictures.js'), directory])
    assert.deepEqual(picturesIn(directory), picturesIn(DOCUMENTED))
    for (const name of fs.readdirSync(directory))
      assert.ok(fs.statSync(path.join(directory, name)).size < 100_000, name)
  })
