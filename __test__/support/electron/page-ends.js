// Ends the page of a window in each way that a page can end.
'use strict'

/** @type {Record<string, (app: import('./windows.js').App, id: number) => Promise<unknown>>} */
const PAGE_ENDS = {
  closed: (app, id) => app.main(({ electron }, id) => electron.BrowserWindow.fromId(id)?.destroy(), id),
  reloaded: (app, id) => app.main(({ electron }, id) => electron.BrowserWindow.fromId(id)?.reload(), id),
  navigated: (app, id) =>
    app.main(({ electron }, id) => electron.BrowserWindow.fromId(id)?.loadURL('about:blank'), id),
  crashed: (app, id) =>
    app.main(({ electron }, id) => {
      const { webContents } = /** @type {Electron.BrowserWindow} */ (electron.BrowserWindow.fromId(id))
      process.kill(webContents.getOSProcessId(), 'SIGKILL')
    }, id),
}

module.exports = { PAGE_ENDS }
