// The app's own bridge, beside window.osaurus: what only the main process may ask of Osaurus.
'use strict'

const { contextBridge, ipcRenderer } = require('electron')

contextBridge.exposeInMainWorld('example', {
  look: () => ipcRenderer.invoke('example:look'),
  useKey: (/** @type {string} */ key) => ipcRenderer.invoke('example:useKey', key),
})
