// Opens the page that measures, and prints its result as JSON. Started by bench/page.js.
'use strict'

const path = require('node:path')
const { app, BrowserWindow } = require('electron')

const { registerOsaurus } = require('../../electron.js')

const options = JSON.parse(process.argv[process.argv.length - 1])

/** The memory of all processes of the app. */
const memoryMiB = () => app.getAppMetrics().reduce((sum, { memory }) => sum + memory.workingSetSize / 1024, 0)

async function main() {
  registerOsaurus({
    preload: true,
    discover: { baseDir: options.baseDir },
    fetch: { routes: ['GET /small', 'GET /large'] },
  })
  await app.whenReady()
  const window = new BrowserWindow({ show: false, webPreferences: { backgroundThrottling: false } })
  await window.loadFile(path.join(__dirname, 'index.html'))
  const run = (/** @type {string} */ name) =>
    window.webContents.executeJavaScript(`${name}(${JSON.stringify(options)})`)
  const measured = await run('measure')
  const before = memoryMiB()
  await run('leaveUnread')
  const unreadMiB = memoryMiB() - before
  console.log(JSON.stringify({ electron: process.versions.electron, ...measured, unreadMiB }))
  app.quit()
}

main().catch((error) => {
  console.error(error)
  app.exit(1)
})
