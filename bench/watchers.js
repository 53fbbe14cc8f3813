// Watches a directory in several ways: with this package, chokidar and @parcel/watcher.
'use strict'

const { readFile } = require('node:fs/promises')
const path = require('node:path')

const FILE = 'configuration.json'

/** What the events of a plain watcher make necessary. @param {string} file @param {(port: number) => void} tell */
async function read(file, tell) {
  if (path.basename(file) !== FILE) return
  try {
    const { health, port } = JSON.parse(await readFile(file, 'utf8'))
    if (health === 'running') tell(port)
  } catch {
    // Gone by now; the next event tells.
  }
}

/** @typedef {(baseDir: string, tell: (port: number) => void) => Promise<() => unknown>} Watch gives what ends it */

/** @type {Record<string, Watch>} */
const WATCHERS = {
  async 'osaurus-discovery'(baseDir, tell) {
    const watcher = require('..').watchInstances({ baseDir })
    watcher.on('change', ({ added, updated }) => [...added, ...updated].forEach(({ port }) => tell(port)))
    await new Promise((resolve) => watcher.once('change', resolve))
    return () => watcher.close()
  },

  async chokidar(baseDir, tell) {
    const watcher = require('chokidar').watch(baseDir, { ignoreInitial: true })
    watcher.on('all', (event, file) => event.startsWith('unlink') || read(file, tell))
    await new Promise((resolve) => watcher.once('ready', () => resolve(undefined)))
    return () => watcher.close()
  },

  async '@parcel/watcher'(baseDir, tell) {
    const subscription = await require('@parcel/watcher').subscribe(baseDir, (error, events) => {
      if (error) throw error
      for (const event of events) if (event.type !== 'delete') read(event.path, tell)
    })
    return () => subscription.unsubscribe()
  },
}

module.exports = { WATCHERS }
