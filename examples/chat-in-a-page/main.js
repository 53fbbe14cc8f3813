// Opens a window whose page chats with Osaurus, and keeps the access key away from the page.
'use strict'

const { BrowserWindow, Menu, MenuItem, app, clipboard, dialog } = require('electron')
const { openAccessKeyStore, registerOsaurus } = require('osaurus-discovery/electron')

const keys = openAccessKeyStore()

registerOsaurus({
  preload: true,
  launch: true,
  fetch: { accessKey: () => keys.get(), waitMs: 10_000 },
})

/** Saves the key that the user has copied in Osaurus. */
async function pasteAccessKey() {
  try {
    const text = await clipboard.readText()
    await keys.set(text.trim())
    clipboard.clear()
  } catch (error) {
    dialog.showMessageBox({ type: 'error', message: 'The access key was not saved', detail: error.message })
  }
}

app.whenReady().then(() => {
  const submenu = [
    { id: 'paste-access-key', label: 'Paste Access Key', click: pasteAccessKey },
    { label: 'Forget Access Key', click: () => keys.clear() },
  ]
  const menu = Menu.getApplicationMenu() ?? new Menu()
  menu.append(new MenuItem({ label: 'Osaurus', submenu: Menu.buildFromTemplate(submenu) }))
  Menu.setApplicationMenu(menu)
  new BrowserWindow({ width: 600, height: 700 }).loadFile('index.html')
})

app.on('window-all-closed', () => app.quit())
