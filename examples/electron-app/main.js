// The main process: opens the windows, and keeps the access key, which the chat's page cannot read.
'use strict'

const path = require('path')
const { app, BrowserWindow, ipcMain } = require('electron')
const { openAccessKeyStore, registerOsaurus } = require('osaurus-discovery/electron')

const keys = openAccessKeyStore()

// From now on every page of this app has window.osaurus, and its requests carry the key.
const fetch = { accessKey: () => keys.get(), waitMs: 10_000 }
const osaurus = registerOsaurus({ preload: true, launch: true, fetch })

/** The window that asks for the key, while it is open. @type {BrowserWindow | null} */
let keyWindow = null

/** @param {string} page @param {import('electron').BrowserWindowConstructorOptions} options */
function openWindow(page, options) {
  const preload = path.join(__dirname, 'preload.js')
  const webPreferences = { preload, contextIsolation: true, sandbox: true }
  const window = new BrowserWindow({ show: false, title: 'Osaurus', webPreferences, ...options })
  window.removeMenu()
  // A window never shows another page.
  window.webContents.on('will-navigate', (event) => event.preventDefault())
  window.webContents.setWindowOpenHandler?.(() => ({ action: 'deny' }))
  window.once('ready-to-show', () => window.show())
  window.loadFile(page)
  return window
}

const openChat = () => openWindow('index.html', { width: 480, height: 720, minWidth: 360, minHeight: 420 })

/** Opens the window for the key, and answers when it is closed. */
ipcMain.handle('example:askForKey', async (event) => {
  const parent = BrowserWindow.fromWebContents(event.sender) || undefined
  if (!(await osaurus.isTrusted(event))) throw new Error('This page is not trusted')
  const size = { width: 400, height: 290, resizable: false, minimizable: false }
  const window = (keyWindow = keyWindow || openWindow('key.html', { ...size, parent, modal: true }))
  await new Promise((resolve) => window.once('closed', () => resolve(undefined)))
  keyWindow = null
})

/** Saves what was entered there, or answers what is wrong with it. */
ipcMain.handle('example:saveKey', async (event, key) => {
  if (!keyWindow || event.sender !== keyWindow.webContents) throw new Error('Only the window for the key may')
  const problem = await keys.set(String(key)).catch((error) => error.message)
  if (problem) return problem
  keyWindow.close()
})

app.whenReady().then(openChat)
app.on('activate', () => {
  if (BrowserWindow.getAllWindows().length === 0) openChat()
})
app.on('window-all-closed', () => {
  if (process.platform !== 'darwin') app.quit()
})
